import { describe, expect, it } from "vitest";
import { ChatError } from "../../../src/index.js";
import { Participant } from "../../fixtures/line.js";
import { openSession, silent } from "../../fixtures/rooms.js";

describe("a client that the application refuses with a code of its own", () => {
  it("P7: stays away, and says the code and the reason", async () => {
    const authenticate = () => Promise.reject(new ChatError("x-quota", "That was all."));
    const ada = new Participant(openSession({ onMessage: silent, authenticate }));
    const { reason } = await ada.until(({ status }) => status === "closed");
    expect(reason).toEqual({ code: 4503, reason: "x-quota: That was all.", errorCode: "x-quota" });
  });

  it("P7: reconnects where waiting helps", async () => {
    let refusals = 0;
    const authenticate = () => {
      if (++refusals < 2) throw new ChatError("x-quota", "Not yet.", { retryAfterMs: 10 });
      return { id: "ada" };
    };
    const ada = new Participant(openSession({ onMessage: silent, authenticate }));
    const { reason } = await ada.until(({ status }) => status === "reconnecting");
    expect(reason).toEqual({ code: 4005, reason: "x-quota: Not yet.", errorCode: "x-quota" });
    await ada.live();
  });

  it("P7: shows the code of a handler's error on the message", async () => {
    const onMessage = () => Promise.reject(new ChatError("x-quota", "That was all."));
    const ada = await new Participant(openSession({ onMessage })).live();
    ada.client.send("hello");
    const { messages } = await ada.until(({ messages: [first] }) => first?.error !== undefined);
    expect(messages[0]).toMatchObject({ state: "sent", error: { code: "x-quota", text: "That was all." } });
  });
});
