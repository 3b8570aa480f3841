import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import type { InspectedFrame } from "../../src/react/index.js";
import { REACT_VERSIONS } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

describe.each(REACT_VERSIONS)("the frames inspector on React %i", (major) => {
  it("shows each frame with its direction, its bytes as UTF-8 and its fields", async () => {
    const ada = await (await ReactPage.open(major, new Rooms())).live();
    await ada.press("Frames");
    await ada.say("Grüße 👋");
    await eventually(async () => (await framesOf(ada)).length).toBe(3);
    const [typing, message, ack] = await framesOf(ada);
    expect([typing?.decoded?.["type"], typing?.direction]).toEqual(["typing", "out"]);
    expect(message).toMatchObject({ id: 2, direction: "out", decoded: { type: "message", content: "Grüße 👋" } });
    expect(message?.bytes).toBe(Buffer.byteLength(message?.text ?? ""));
    expect(message?.bytes).toBeGreaterThan(message?.text.length ?? 0);
    expect(ack).toMatchObject({ id: 3, direction: "in", decoded: { type: "ack", seq: 1 } });
    expect(ack?.time).toBeGreaterThanOrEqual(message?.time ?? 0);
  });

  it("keeps the newest up to its limit, and clears them", async () => {
    const ada = await (await ReactPage.open(major, new Rooms())).live();
    await ada.press("Frames");
    for (const text of ["one", "two", "three"]) await ada.say(text);
    await eventually(async () => (await framesOf(ada)).at(-1)?.decoded?.["seq"]).toBe(3);
    const ids = (await framesOf(ada)).map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    expect(ids[0]).toBeGreaterThan(1);
    await ada.press("Clear");
    await eventually(() => framesOf(ada)).toEqual([]);
  });

  it("listens only while it is mounted", async () => {
    const ada = await (await ReactPage.open(major, new Rooms(), { own: "", strict: "" })).live();
    expect(await ada.count("frame listeners")).toBe(0);
    await ada.press("Frames");
    await ada.page.locator("#frames").waitFor();
    expect(await ada.count("frame listeners")).toBe(1);
    await ada.press("Frames");
    await ada.page.locator("#frames").waitFor({ state: "detached" });
    expect(await ada.count("frame listeners")).toBe(0);
  });
});

async function framesOf({ page }: ReactPage): Promise<InspectedFrame[]> {
  return JSON.parse((await page.textContent("#frames")) ?? "");
}
