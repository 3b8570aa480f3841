import { describe, expect, it } from "vitest";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Json, Tab } from "../../e2e/browsers/tab.js";
import type { Author, ClientMessage } from "../../src/client/index.js";
import { setPages } from "./stage.js";

const ADA = { id: "ada", name: "Ada" };
/** Noon, by the clock of this machine and of its browsers. */
const NOON = new Date(2026, 10, 26, 12).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let made = 0;

/** A message in the log, as a client shows it. */
function sent(from: Author | undefined, more: { [field: string]: Json } = {}): { [field: string]: Json } {
  made += 1;
  const metadata = from === undefined ? {} : { from: { ...from } };
  const common = { key: `k${made}`, id: `i${made}`, type: "message", role: "user", content: `text ${made}` };
  return { ...common, state: "sent", seq: made, timestamp: NOON + made, metadata, ...more };
}

function unsent(state: string, more: { [field: string]: Json } = {}): { [field: string]: Json } {
  const { seq: _, ...message } = sent(undefined, { state, ...more });
  return message;
}

describe.each(ENGINES)("the list in $name", (engine) => {
  const stage = setPages(engine);

  it("has no line for a tool_result without text, unless it was not sent", async () => {
    const tab = await stage.open("");
    const approval = { type: "tool_result", content: "" };
    const messages = [
      sent(ADA),
      sent(ADA, approval),
      sent(ADA),
      unsent("pending", approval),
      unsent("failed", approval),
    ];
    const lines = await list(tab, messages, { self: { id: "me" } });
    expect(lines.map(({ kind, isLast }) => [kind, isLast])).toEqual([
      ["day", undefined],
      ["message", false],
      ["message", true],
      ["message", true],
    ]);
  });

  it("groups by voice, identity and name, never by a name alone", async () => {
    const tab = await stage.open("");
    const messages = [
      sent(ADA),
      sent(ADA),
      sent({ id: "eve", name: "Ada" }),
      sent(undefined, { role: "assistant" }),
      sent({ id: "bob", name: "Assistant" }),
      sent({ id: "assistant", name: "Assistant" }),
      sent({ id: "bob", name: "Bob" }),
      sent({ id: "me", name: "You" }),
      sent({ id: "you", name: "You" }),
    ];
    const lines = await list(tab, messages, { self: { id: "me", name: "You" } });
    expect(
      lines
        .filter(({ kind }) => kind === "message")
        .map(({ voice, id, isFirst, isLast }) => [voice, id, isFirst, isLast]),
    ).toEqual([
      ["other", "ada", true, false],
      ["other", "ada", false, true],
      ["other", "eve", true, true],
      ["assistant", "assistant", true, true],
      ["other", "bob", true, true],
      ["other", "assistant", true, true],
      ["other", "bob", true, true],
      ["own", "me", true, true],
      ["other", "you", true, true],
    ]);
  });

  it("shows the name that an author had, before and after a rename", async () => {
    const tab = await stage.open("");
    const messages = [sent(ADA), sent({ id: "ada", name: "Countess" }), unsent("pending")];
    const lines = await list(tab, messages, { self: { id: "ada", name: "Lovelace" } });
    expect(lines.map(({ kind, name, isFirst }) => [kind, name, isFirst])).toEqual([
      ["day", undefined, undefined],
      ["message", "Ada", true],
      ["message", "Countess", true],
      ["message", "Lovelace", true],
    ]);
  });

  it("begins each day once, whatever the clock of an unsent message says", async () => {
    const tab = await stage.open("");
    const messages = [
      sent(ADA, { timestamp: NOON - DAY }),
      sent(ADA, { timestamp: NOON }),
      sent(ADA, { timestamp: NOON - DAY }),
      sent(ADA, { timestamp: NOON + MINUTE }),
      unsent("pending", { timestamp: NOON - 400 * DAY }),
    ];
    const lines = await list(tab, messages);
    expect(lines.map(({ kind }) => kind)).toEqual([
      "day",
      "message",
      "day",
      "message",
      "message",
      "message",
      "message",
    ]);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
  });

  it("ends a group after five minutes, at a day, a note and the unread line", async () => {
    const tab = await stage.open("");
    const at = (minutes: number) => sent(ADA, { timestamp: NOON + minutes * MINUTE, seq: minutes + 1 });
    const messages = [at(0), at(4), at(9), at(10), at(11)];
    const unread = String(messages[4]?.["key"]);
    const lines = await list(tab, messages, { unread, notes: [{ key: "n", after: 10 }] });
    expect(lines.map(({ kind, isFirst }) => (kind === "message" ? isFirst : kind))).toEqual([
      "day",
      true,
      false,
      true,
      "note",
      true,
      "unread",
      true,
    ]);
  });

  it("puts notes after their message, before what is not sent, and at the end of a log without more", async () => {
    const tab = await stage.open("");
    const messages = [sent(ADA, { seq: 3 }), unsent("ephemeral"), sent(ADA, { seq: 4 }), unsent("pending")];
    const notes = [1, 3, 4].map((after) => ({ key: `after ${after}`, after }));
    const kinds = async (shown: typeof messages) => (await list(tab, shown, { notes })).map(({ key }) => key);
    const keys = messages.map(({ key }) => key);
    expect((await kinds(messages)).slice(2)).toEqual([keys[0], keys[1], "after 3", keys[2], "after 4", keys[3]]);
    expect((await kinds(messages))[0]).toBe("after 1");
  });

  it("keeps what failed in sight at the end, and what will be sent before it", async () => {
    const tab = await stage.open("");
    const messages = [sent(ADA), unsent("failed"), unsent("uncertain"), unsent("pending")];
    const lines = await list(tab, messages);
    expect(lines.slice(1).map(({ message }) => message?.state)).toEqual(["sent", "pending", "failed", "uncertain"]);
  });

  it("names days as today, yesterday or a date, with the year if it is another", async () => {
    const tab = await stage.open("");
    const labels = await tab.evaluate((now) => {
      document.documentElement.lang = "en";
      const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();
      const days = [at(2026, 10, 26, 0, 0), at(2026, 10, 25, 23, 59), at(2026, 10, 24, 0, 0), at(2025, 10, 26, 12, 0)];
      return days.map((day) => parts.dayLabel(day, now));
    }, NOON);
    expect(labels).toEqual(["Today", "Yesterday", "Tuesday, November 24", "Wednesday, November 26, 2025"]);
    const german = await tab.evaluate((now) => {
      document.documentElement.lang = "de";
      return [parts.dayLabel(now, now), parts.fullTimeOf(now)];
    }, NOON);
    expect(german[0]).toBe("Heute");
    expect(german[1]).toMatch(/^Donnerstag, 26\. November 2026 um 12:00:00$/);
    expect(await tab.evaluate((now) => parts.clockOf(now), NOON)).toMatch(/12/);
  });
});

type Line = { kind: string; key: string; message?: ClientMessage } & { [field: string]: Json };

function list(
  tab: Tab,
  messages: { [field: string]: Json }[],
  options: { [field: string]: Json } = {},
): Promise<Line[]> {
  return tab.evaluate(
    (shown, chosen) => parts.listMessages(shown as never, chosen as never) as never,
    messages,
    options,
  );
}
