import { expect, it } from "vitest";
import { eventually } from "../browser.js";
import type { Profile } from "../browsers/profile.js";
import type { Tab } from "../browsers/tab.js";
import type { Kinds } from "./kinds.js";
import { CHANNEL, type ChatPage, DEMO, say, showsSent } from "./page.js";

interface OwnKinds extends Kinds {
  enterRoom(): Promise<{ room: string; hello: string; profile: Profile; ada: Tab }>;
}

/** Tests what one of the pages alone has. */
export function testOwn(page: ChatPage, kinds: OwnKinds): void {
  if (page === CHANNEL) testSignOut(kinds);
  if (page === DEMO) testRename(kinds);
}

function testSignOut({ line, enterRoom }: OwnKinds): void {
  it("asks before a sign-out throws a draft away, whichever tab it is in, and signs out every tab", async () => {
    const { room, hello, profile, ada } = await enterRoom();
    const second = await profile.newTab();
    await CHANNEL.comeBack(second, line, room);
    await showsSent(second, [hello]);
    await second.paste("textarea", "Half a sent");
    await answer(ada, false);
    await ada.click({ role: "button", name: "Sign out" });
    await eventually(() => asked(ada)).toContain("is not sent");
    await showsSent(ada, [hello]);
    await answer(ada, true);
    await ada.click({ role: "button", name: "Sign out" });
    for (const tab of [ada, second]) await tab.shows({ role: "button", name: "Join" });
  });
}

function testRename({ enterRoom, answerRoom }: OwnKinds): void {
  it("leaves the name that somebody had at what was said under it", async () => {
    const { room, hello, ada } = await enterRoom();
    const ben = await answerRoom(room, hello, "Ben");
    for (const text of ["One.", "Two."]) await say(ben, text);
    await ben.fill({ role: "textbox", name: "You are" }, "Benjamin");
    await ben.press("Enter");
    await ben.shows({ text: "Live" });
    for (const text of ["Three.", "Four."]) await say(ben, text);
    await showsSent(ada, ["One.", "Two.", "Three.", "Four."]);
    const groups = await ada.evaluateAll(".line.other", (lines) =>
      lines.map((one) => [one.querySelector("bdi")?.textContent ?? "", one.querySelector(".bubble")?.textContent]),
    );
    expect(groups).toEqual([
      ["Ben", "One."],
      ["", "Two."],
      ["Benjamin", "Three."],
      ["", "Four."],
    ]);
    const hues = await ada.evaluateAll(".line.other .face", (faces) => [
      ...new Set(faces.map((face) => face.style.getPropertyValue("--hue"))),
    ]);
    expect(hues).toHaveLength(1);
  });
}

/** What the page will be answered when it asks, in place of a dialog: drivers differ in these. */
function answer(tab: Tab, isYes: boolean): Promise<void> {
  return tab.evaluate((yes) => {
    globalThis.confirm = (question) => {
      document.body.dataset["asked"] = question;
      return yes;
    };
  }, isYes);
}

function asked(tab: Tab): Promise<string | undefined> {
  return tab.evaluate(() => document.body.dataset["asked"]);
}
