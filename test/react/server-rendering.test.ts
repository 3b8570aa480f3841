import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { command } from "../system/command.js";
import { bundleWithReact, REACT_VERSIONS, type ReactVersion } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

describe.each(REACT_VERSIONS)("a server that renders with React %i", (major) => {
  it("needs no WebSocket, and renders an empty conversation", async () => {
    const { webSocket, html } = await render(major, new Rooms());
    expect(webSocket).toBe("undefined");
    expect(html).toContain('<span id="status">idle</span>');
    expect(html).toContain("<ol></ol>");
  });

  it("says what is missing when a hook has no provider above it", async () => {
    const { orphan } = await render(major, new Rooms());
    expect(orphan).toContain("This component has no ChatProvider above it. Put one around it.");
  });

  it("is hydrated without a mismatch, StrictMode included", async () => {
    const rooms = new Rooms();
    const { html } = await render(major, rooms);
    const ada = await (await ReactPage.open(major, rooms, { strict: "" }, html)).live();
    await ada.say("hydrated");
    await ada.shows(["hydrated"]);
    expect(await ada.count("mismatches")).toBe(0);
    expect(ada.complaints).toEqual([]);
  });

  it("is hydrated without a mismatch by a client that has messages already", async () => {
    const rooms = new Rooms();
    const { html } = await render(major, rooms);
    const ada = await (await ReactPage.open(major, rooms, { own: "" }, html)).live();
    await ada.shows(["Said early"]);
    expect(await ada.count("mismatches")).toBe(0);
    expect(ada.complaints).toEqual([]);
  });
});

/** What Node writes without a WebSocket. */
async function render(major: ReactVersion, rooms: Rooms) {
  const folder = await mkdtemp(join(tmpdir(), "workkit-chat-render-"));
  try {
    const program = join(folder, "render.cjs");
    await writeFile(program, await bundleWithReact("render.tsx", major, "node"));
    const written = await command("node", ["--no-experimental-websocket", program, rooms.address]);
    const rendered: { webSocket: string; html: string; orphan: string } = JSON.parse(written);
    return rendered;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
