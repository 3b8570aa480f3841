import { describe, expect, test } from "vitest";
import { DeskWindow } from "./desk-window.js";
import { inspect, SIGHTS } from "./inspection.js";
import { DESK_KEY, setSupportStage } from "./support.js";
import { SupportWindow } from "./support-window.js";

const stage = setSupportStage();

describe.each(SIGHTS)("at $width px, $colorScheme", ({ width, colorScheme, options }) => {
  const name = (sight: string): string => `support-${sight}-${width}-${colorScheme}`;
  const pass = { name: "Ines", key: DESK_KEY, room: "help" };

  test("the closed widget, its first sight and a conversation with all that can happen in it are accessible and fit", async () => {
    const ada = await SupportWindow.open(stage.browser, stage.site.origin, options);
    await inspect(ada, name("closed"));
    await ada.openPanel();
    await inspect(ada, name("first"));
    const ines = await converse(ada, `My parcel ${width} ${colorScheme} is late.`);
    await inspect(ada, name("talk"));
    await ada.page.getByRole("button", { name: "Close" }).click();
    await ada.page.locator(".launcher").waitFor();
    await ines.say("You are welcome, Ada.");
    await ada.page.getByRole("button", { name: "Open Harbour support, 1 unread message" }).waitFor();
    await inspect(ada, name("unread"));
  });

  test("a lost connection and a failed message are accessible and fit", async () => {
    const ada = await SupportWindow.open(stage.browser, stage.site.origin, options);
    await ada.openPanel();
    await ada.say("When are you open?");
    await ada.showsLine("9 to 17");
    await ada.say("long ".repeat(5_000));
    await ada.page.getByRole("button", { name: "Discard" }).waitFor();
    await ada.page
      .locator('.line[data-state="failed"] .bubble')
      .evaluate((bubble) => bubble.replaceChildren("Too much."));
    await stage.server.kill();
    await ada.hasStatus("reconnecting");
    await ada.say("Are you still there?");
    await inspect(ada, name("offline"));
    await stage.server.start();
  });

  test("the desk is accessible and fits", async () => {
    const ada = await SupportWindow.open(stage.browser, stage.site.origin);
    await ada.openPanel();
    await ada.say(`Can I return a tin? ${width} ${colorScheme}`);
    const ines = await DeskWindow.open(stage.browser, stage.server.url("/desk"), pass, options);
    await ines.choose(`Can I return a tin? ${width} ${colorScheme}`);
    await ines.say("Of course, within thirty days.");
    await ada.showsLine("within thirty days");
    await inspect(ines, name("desk"));
  });

  /** Both sides, the bot, an address, a break of line. */
  async function converse(ada: SupportWindow, question: string): Promise<DeskWindow> {
    await ada.say(question);
    await ada.showsLine("the desk will look it up");
    const ines = await DeskWindow.open(stage.browser, stage.server.url("/desk"), pass);
    await ines.choose(question);
    await ines.say("Good morning! I see it: it left the harbour on Thursday.");
    await ines.say(
      "You can follow it at https://parcels.example.com/ZK-1482-0093/where-it-is-now-and-where-it-was, day and night.",
    );
    await ada.showsLine("day and night");
    await ada.say("Lovely, thank you.\nI will be in on Monday.");
    await ines.showsLine("I will be in on Monday.");
    await ines.page.locator(".conversation textarea").pressSequentially("You");
    await ada.page.getByText("Ines is typing").waitFor();
    return ines;
  }
});

test("the first sight is whole, accessible and fits in the smallest window", async () => {
  const viewport = { width: 320, height: 256 };
  const ada = await SupportWindow.open(stage.browser, stage.site.origin, { viewport, reducedMotion: "reduce" });
  await ada.openPanel();
  await ada.page.getByRole("button", { name: "When are you open?" }).waitFor();
  await inspect(ada, "support-first-320x256");
  const [list, welcome] = await Promise.all([".list", ".welcome"].map((part) => ada.page.locator(part).boundingBox()));
  expect(welcome?.y ?? 0).toBeGreaterThanOrEqual(list?.y ?? Number.NaN);
});
