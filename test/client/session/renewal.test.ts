import { describe, expect, it } from "vitest";
import { ChatError, type Identity } from "../../../src/index.js";
import { Participant } from "../../fixtures/line.js";
import { openSession, silent } from "../../fixtures/rooms.js";

const LIFE = 1_600;

describe("a token whose identity expires", () => {
  it("is renewed on the live connection before that", async () => {
    const tokens: string[] = [];
    const renew = (token: string): Identity => {
      tokens.push(token);
      return { id: "ada", name: "Ada L." };
    };
    const room = openSession({
      onMessage: silent,
      authenticate: () => ({ id: "ada", expiresAt: Date.now() + LIFE }),
      reauthenticate: renew,
    });
    let asked = 0;
    const ada = await new Participant(room, { token: async () => `token-${++asked}` }).live();
    await ada.until(({ identity }) => identity?.name === "Ada L.");
    expect(tokens).toEqual(["token-2"]);
    await scheduler.wait(LIFE);
    ada.client.send("still here");
    await ada.shows(["still here"]);
    expect(ada.line.tried).toHaveLength(1);
  });

  it("is requested by the next connection if it cannot be renewed", async () => {
    const renew = (): Identity => {
      throw new ChatError("UNAUTHORIZED");
    };
    const authenticate = () => ({ id: "ada", expiresAt: Date.now() + LIFE });
    const room = openSession({ onMessage: silent, authenticate, reauthenticate: renew });
    let asked = 0;
    const ada = await new Participant(room, { token: () => `token-${++asked}` }).live();
    const errors: string[] = [];
    ada.client.on("error", ({ code }) => errors.push(code));
    await scheduler.wait(LIFE + 10);
    expect(errors).toEqual(["UNAUTHORIZED"]);
    await room.session.post({ content: "closes what has expired" });
    await ada.shows(["closes what has expired"]);
    expect([asked, ada.line.tried.length]).toEqual([3, 2]);
  });

  it("is not renewed if it is a string", async () => {
    const authenticate = () => ({ id: "ada", expiresAt: Date.now() + LIFE });
    const room = openSession({ onMessage: silent, authenticate, reauthenticate: () => ({ id: "ada" }) });
    const ada = await new Participant(room, { token: "the only one" }).live();
    await scheduler.wait(LIFE);
    expect(ada.line.sent).toEqual([]);
  });
});
