import { describe, expect, it } from "vitest";
import { base64url } from "../fixtures/base64url.js";
import { kinds } from "../fixtures/kinds.js";
import { openSession, openTransport, silent } from "../fixtures/rooms.js";

const token = `workkit.token.${base64url("abc")}`;

async function selected(response: Response): Promise<string | null> {
  response.webSocket?.accept();
  response.webSocket?.close();
  expect(response.status).toBe(101);
  return response.headers.get("sec-websocket-protocol");
}

describe.each(kinds)("P13: a $kind that is offered no v1", ({ open }) => {
  it.each([
    { offered: undefined, expected: null },
    { offered: "", expected: null },
    { offered: "graphql-ws", expected: null },
    { offered: token, expected: null },
    { offered: "workkit.chat.v2", expected: null },
    { offered: "WORKKIT.CHAT.PLAIN", expected: null },
    { offered: "workkit.chat.plain", expected: "workkit.chat.plain" },
    { offered: "graphql-ws,workkit.chat.plain", expected: "workkit.chat.plain" },
    { offered: `${token}, workkit.chat.plain`, expected: "workkit.chat.plain" },
    { offered: `workkit.chat.plain , ${token}`, expected: "workkit.chat.plain" },
  ])("selects $expected of $offered, and speaks plain", async ({ offered, expected }) => {
    const room = open({ onMessage: silent });
    const options = offered === undefined ? {} : { protocol: offered };
    expect(await selected(await room.upgrade(options))).toBe(expected);
    const socket = await room.connect(options);
    socket.send({ type: "next", seq: 0 });
    await socket.error("INVALID_MESSAGE");
    expect(socket.frames).toHaveLength(1);
  });
});

describe("workkit.chat.v1", () => {
  it.each([
    "workkit.chat.v1",
    "workkit.chat.plain, workkit.chat.v1",
    "workkit.chat.v1,workkit.chat.plain",
    `${token}, workkit.chat.v1`,
    `workkit.chat.v1, ${token}`,
  ])("is selected by a session that is offered %s, which sends its hello", async (protocol) => {
    const room = openSession({ onMessage: silent });
    expect(await selected(await room.upgrade({ protocol }))).toBe("workkit.chat.v1");
    const socket = await room.connect({ protocol });
    await socket.settle();
    expect(socket.frames[0]).toMatchObject({ type: "hello", protocol: "workkit.chat.v1", sessionId: room.name });
  });

  it.each([
    { offered: "workkit.chat.v1", expected: null },
    { offered: `workkit.chat.v1, ${token}`, expected: null },
    { offered: "workkit.chat.v1, workkit.chat.plain", expected: "workkit.chat.plain" },
  ])("is not spoken by the transport, which selects $expected of $offered", async ({ offered, expected }) => {
    const room = openTransport({ onMessage: silent });
    expect(await selected(await room.upgrade({ protocol: offered }))).toBe(expected);
    const socket = await room.connect({ protocol: offered });
    await socket.settle();
    expect(socket.frames).toEqual([{ type: "pong" }]);
  });

  it("is refused by the transport with an HTTP response, because it speaks plain", async () => {
    const room = openTransport({ onMessage: silent, authenticate: () => new Response("no", { status: 401 }) });
    const answer = await room.upgrade({ protocol: "workkit.chat.v1" });
    expect([answer.status, answer.webSocket]).toEqual([401, null]);
  });
});
