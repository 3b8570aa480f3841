import { expect, inject, it } from "vitest";
import { Consumer } from "./consumer.js";

const tarball = inject("tarball");

/** Uses the protocol, and then what needs workerd. */
const PROGRAM = `
import { ChatError, ChatSessionDO, createMessageId, decodeMessage, encodeMessage } from "@workkit/chat";
import { decodeMessage as decode } from "@workkit/chat/protocol";

const message = { id: createMessageId(), type: "message", role: "user", content: "hello", timestamp: 1 };
const decoded = decodeMessage(encodeMessage(message));
let error;
try {
  new ChatSessionDO({}, {});
} catch (caught) {
  error = caught;
}
console.log(JSON.stringify({
  roundTrip: JSON.stringify(decoded) === JSON.stringify(decode(encodeMessage(message))) && decoded.id === message.id,
  typed: error instanceof ChatError,
  code: error?.code,
  text: error?.message,
}));
`;

const expected = {
  roundTrip: true,
  typed: true,
  code: "UNSUPPORTED_RUNTIME",
  text: expect.stringContaining("workerd"),
};

it("the package installs with npm and loads in plain Node, where a session reports that it needs workerd", async () => {
  await using consumer = await Consumer.create();
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", tarball]);
  await consumer.write("program.mjs", PROGRAM);
  expect(JSON.parse(await consumer.run("node", ["program.mjs"]))).toEqual(expected);
});

it("the package installs with bun and loads in bun, where a session reports that it needs workerd", async () => {
  await using consumer = await Consumer.create();
  await consumer.run("bun", ["add", tarball]);
  await consumer.write("program.mjs", PROGRAM);
  expect(JSON.parse(await consumer.run("bun", ["program.mjs"]))).toEqual(expected);
});
