import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { inject, it } from "vitest";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

const REACT_TYPES = {
  "React 18": "test/react/react-18/node_modules/@types/react",
  "React 19": "node_modules/@types/react",
};

/** Uses every hook as an application does, and as it must not. */
const REACT_PROGRAM = `
import { ChatClient } from "@workkit/chat/client";
import { ChatProvider, useChatClient, useConnection, useFrames, useMessages, useSend, useTyping } from "@workkit/chat/react";

function Chat() {
  const client: ChatClient = useChatClient();
  const { messages, hasOlder, loadOlder } = useMessages();
  const { status, retryAt, connect } = useConnection();
  const { send, retry, discard, sendTyping } = useSend();
  const { frames, clear } = useFrames(10);
  const sizes: number[] = frames.map(({ bytes }) => bytes);
  return (
    <form onSubmit={() => send("hello")} onInput={() => sendTyping()} title={status + retryAt + sizes + client}>
      {hasOlder && <button onClick={() => loadOlder(20)}>Older</button>}
      {messages.map(({ id, content, state }) => <p key={id} onClick={() => retry(id)}>{content} {state}</p>)}
      <button onClick={connect} /> <button onClick={clear} /> <button onClick={() => discard("id")} />
      {useTyping().map(({ name }) => name)}
    </form>
  );
}

export const own = <ChatProvider options={{ url: "wss://chat.example.com" }}><Chat /></ChatProvider>;
export const given = <ChatProvider client={new ChatClient({ url: "wss://chat.example.com" })}><Chat /><Chat /></ChatProvider>;
// @ts-expect-error: it needs one of both
export const neither = <ChatProvider><Chat /></ChatProvider>;
`;

it.each(Object.entries(REACT_TYPES))("the hooks have types that fit %s", async (_, folder) => {
  await using project = await Consumer.installed(inject("tarball"));
  await mkdir(project.path("node_modules/@types"));
  await symlink(join(ROOT, folder), project.path("node_modules/@types/react"));
  await project.write("chat.tsx", REACT_PROGRAM);
  const compilerOptions = { jsx: "react-jsx", lib: ["es2024", "dom"], types: [], exactOptionalPropertyTypes: true };
  const files = ["chat.tsx"];
  await project.write("chat.json", JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files }));
  await project.run("tsc", ["--project", "chat.json"]);
});
