import { StrictMode, version } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { ChatClient, type ChatClientEvents } from "../../../src/client/index.js";
import { App } from "./app.js";
import { count, counts } from "./counts.js";

/** Counts who listens to its frames. */
class CountedClient extends ChatClient {
  override on<Name extends keyof ChatClientEvents>(name: Name, listener: (event: ChatClientEvents[Name]) => void) {
    count(`${name} listeners`);
    const end = super.on(name, listener);
    return () => {
      count(`${name} listeners`, -1);
      end();
    };
  }
}

const { searchParams } = new URL(location.href);
const rooms = searchParams.get("rooms") ?? "";
const container = document.getElementById("root");
if (container === null) throw new Error("The page has no element to render into.");

const client = searchParams.has("own") ? new CountedClient({ url: `${rooms}one`, token: "ada" }) : undefined;
const app = (
  <App
    rooms={rooms}
    fixed={searchParams.has("fixed")}
    chat={searchParams.has("chat")}
    outbox={Number(searchParams.get("outbox") ?? 1_000)}
    {...(client && { client })}
  />
);
const tree = searchParams.has("strict") ? <StrictMode>{app}</StrictMode> : app;

if (client !== undefined) {
  client.connect();
  client.send("Said early");
}
document.documentElement.dataset["react"] = version;
Reflect.set(globalThis, "counts", () => Object.fromEntries(counts));
if (searchParams.has("hydrate")) hydrateRoot(container, tree, { onRecoverableError: () => count("mismatches") });
else createRoot(container).render(tree);
