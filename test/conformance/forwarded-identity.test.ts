import { describe, expect, it } from "vitest";
import { ChatError, type ChatOptions, forwardIdentity, type Identity } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";

const HEADER = "x-workkit-chat-identity";
const forged = { [HEADER]: encodeURIComponent('{"id":"admin"}') };

/** The headers that a Worker hands on, given those that the client sent. */
function forward(identity?: Identity, headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(forwardIdentity(new Request("https://chat.example/", { headers }), identity).headers);
}

/** Options that believe forwarded identities, and whom the handler has seen. */
function believing(): { options: ChatOptions; seen: Identity[] } {
  const seen: Identity[] = [];
  const options: ChatOptions = {
    trustForwardedIdentity: true,
    onMessage: async (_id, _message, { identity }) => {
      seen.push(identity);
      return undefined;
    },
  };
  return { options, seen };
}

describe.each(kinds)("P6: an identity forwarded to a $kind", ({ open }) => {
  it.each<Identity>([
    { id: "ann" },
    { id: "ann", name: "Ann Ó € 😀 \r\n", metadata: { plan: "free", ö: ["ü"] }, expiresAt: 4e12 },
    { id: "i".repeat(128), name: "€".repeat(256), metadata: { a: "x".repeat(4_088) } },
  ])("is believed in full: $id", async (identity) => {
    const { options, seen } = believing();
    const socket = await open(options).connect({ headers: forward(identity) });
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([identity]);
  });

  it("replaces one that the client has forged", async () => {
    const { options, seen } = believing();
    const socket = await open(options).connect({ headers: forward({ id: "ann" }, forged) });
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([{ id: "ann" }]);
  });

  it("is missing where the Worker forwards none, whatever the client has forged", async () => {
    const answer = await open(believing().options).upgrade({ headers: forward(undefined, forged) });
    expect([answer.status, answer.webSocket]).toEqual([401, null]);
    expect(await answer.text()).toBe("no identity was forwarded");
  });

  const garbage = ["garbage", "%E0%A4%A", "%", "null", "5", "%7B%7D", '{"id":""}', '{"id":5}', '["ann"]', ""];
  it.each(garbage)("is refused with 401 where it cannot be read: %j", async (header) => {
    const { status } = await open(believing().options).upgrade({ headers: { [HEADER]: header } });
    expect(status).toBe(401);
  });

  it("is refused with 401 where it has expired", async () => {
    const { status } = await open(believing().options).upgrade({ headers: forward({ id: "ann", expiresAt: 1 }) });
    expect(status).toBe(401);
  });

  it("may be read-only", async () => {
    const socket = await open(believing().options).connect({ headers: forward({ id: "ann", readOnly: true }) });
    socket.say("hello");
    await socket.error("READ_ONLY");
  });
});

describe("forwardIdentity", () => {
  it("leaves the rest of the request as it was, and the request that it was given", () => {
    const request = new Request("https://chat.example/x?y=1", { headers: { upgrade: "websocket", ...forged } });
    const forwarded = forwardIdentity(request, { id: "ann" });
    expect(forwarded.url).toBe("https://chat.example/x?y=1");
    expect(forwarded.headers.get("upgrade")).toBe("websocket");
    expect(request.headers.get(HEADER)).toBe(forged[HEADER]);
    expect(forwardIdentity(request).headers.has(HEADER)).toBe(false);
  });

  it.each([{ id: "" }, { id: "i".repeat(129) }, { id: "a", name: "n".repeat(257) }])(
    "refuses what is no identity: %j",
    (identity) => {
      const attempt = () => forward(identity);
      expect(attempt).toThrow(ChatError);
      expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    },
  );
});
