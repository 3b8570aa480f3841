import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ChatError, type ChatSessionDOOptions, forwardIdentity, identify, type RefuseEvent } from "../../src/index.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, silent } from "../fixtures/rooms.js";

const request = (headers: Record<string, string> = {}) => new Request("https://chat.example/mine", { headers });

/** Who a session says sends a request, with what it costs; of a response its status and text. */
async function identified(options: Partial<ChatSessionDOOptions>, from: Request) {
  const room = openSession({ onMessage: silent, ...options });
  return runInDurableObject(room.stub, async (session, { storage }) => {
    const usage = newUsage();
    meter(storage, usage);
    const who = await identify(session, from);
    expect([usage.rowsRead, usage.rowsWritten]).toEqual([0, 0]);
    return who instanceof Response ? [who.status, await who.text()] : who;
  });
}

describe("identify, for a route of a subclass's own", () => {
  it("P6: gives the identity that a connection would have", async () => {
    const authenticate: ChatSessionDOOptions["authenticate"] = ({ headers }, { sessionId }) => ({
      id: headers.get("x-user") ?? "nobody",
      metadata: { isNamed: sessionId !== "" },
    });
    const ann = { id: "ann", metadata: { isNamed: true } };
    expect(await identified({ authenticate }, request({ "x-user": "ann" }))).toEqual(ann);
    expect(await identified({}, request())).toEqual({ id: "anonymous" });
    const forwarded = forwardIdentity(request(), { id: "bob", readOnly: true });
    expect(await identified({ trustForwardedIdentity: true }, forwarded)).toEqual({ id: "bob", readOnly: true });
  });

  const refusals: { what: string; options: Partial<ChatSessionDOOptions>; response: [number, string] }[] = [
    {
      what: "another origin",
      options: { allowedOrigins: ["https://a.example"] },
      response: [403, "origin not allowed"],
    },
    {
      what: "a response",
      options: { authenticate: () => new Response("sign in", { status: 401 }) },
      response: [401, "sign in"],
    },
    {
      what: "an error of the application's",
      options: { authenticate: () => Promise.reject(new ChatError("x-quota", "No more.")) },
      response: [403, "x-quota: No more."],
    },
    {
      what: "an identity that has expired",
      options: { authenticate: () => ({ id: "a", expiresAt: 1 }) },
      response: [401, "credentials expired"],
    },
    {
      what: "no forwarded identity",
      options: { trustForwardedIdentity: true },
      response: [401, "no identity was forwarded"],
    },
  ];
  it.each(refusals)(
    "P6: gives the response that refuses $what, without a call of onRefuse",
    async ({ options, response }) => {
      const refused: RefuseEvent[] = [];
      const from = request({ origin: "https://b.example" });
      expect(await identified({ ...options, onRefuse: (event) => refused.push(event) }, from)).toEqual(response);
      expect(refused).toEqual([]);
    },
  );

  it("needs a session", async () => {
    await expect(identify({ workkitChat: () => undefined }, request())).rejects.toThrow(
      "The object is no ChatSessionDO.",
    );
  });
});
