import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { Demo } from "./demo.js";
import { RoomWindow } from "./room-window.js";
import { setStage } from "./stage.js";

const stage = setStage(Demo.start);

test("what was missed while dropped arrives once and in order", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("missed"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("missed"));
  await ada.say("Before.");
  await ben.showsLine("Before.");
  await ada.drop();
  for (const text of ["One.", "Two.", "@assistant count to 2"]) await ben.say(text);
  await eventually(async () => (await ben.texts()).at(-1)).toBe("2");
  expect(await ada.texts()).toEqual(["Before."]);
  await ada.reconnect();
  await eventually(() => ada.lines()).toEqual(await ben.lines());
  await ada.page.getByText(/\d+ messages while you were away/).waitFor();
  await ben.say("After.");
  await ada.showsLine("After.");
  const places = (await ada.lines()).map(({ place }) => place);
  expect(places).toEqual(places.map((_, index) => index + 1));
});

test("what was said while dropped is delivered once and in order", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("outbox"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("outbox"));
  await ada.drop();
  await ada.say("First.");
  await ada.say("Second.");
  expect((await ada.lines()).map(({ place }) => place)).toEqual([undefined, undefined]);
  expect(await ben.texts()).toEqual([]);
  await ada.reconnect();
  await ben.shows(["First.", "Second."]);
  await eventually(() => ada.lines()).toEqual(await ben.lines());
});

test("what was not sent when the page was left is there when it is opened again, and is sent once", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("reload"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("reload"));
  await ada.drop();
  await ada.say("First.");
  await ada.say("Second.");
  await ada.page.reload();
  await ben.shows(["First.", "Second."]);
  await eventually(() => ada.lines()).toEqual(await ben.lines());
  await ada.page.reload();
  await ada.hasState("live");
  await ada.shows(["First.", "Second."]);
});

test("a message whose ack was lost is sent again and enters the log once", async () => {
  const ben = await RoomWindow.open(stage.browser, stage.server.room("lost-ack"));
  const ada = await RoomWindow.blank(stage.browser);
  let losing = true;
  await ada.page.routeWebSocket(/\/chat\//, (route) => {
    const server = route.connectToServer();
    server.onMessage((frame) => {
      if (!losing || !String(frame).includes('"ack"')) return route.send(frame);
      losing = false;
      // The line breaks after the server has kept the message and before the page knows.
      void server.close();
      void route.close({ code: 4000, reason: "cut by the test" });
    });
  });
  await ada.page.goto(stage.server.room("lost-ack"));
  await ada.hasState("live");
  await ada.say("Once only.");
  await eventually(() => losing).toBe(false);
  await ada.hasState("live");
  await eventually(() => ada.lines()).toEqual([{ text: "Once only.", place: 1 }]);
  await ben.say("Next.");
  await ada.shows(["Once only.", "Next."]);
  await ben.shows(["Once only.", "Next."]);
});

test("an answer that is in progress is there for a user who comes back", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("under-way"));
  await ada.say("count to 4");
  await ada.showsLine(/^1$/);
  await ada.drop();
  await ada.reconnect();
  await eventually(() => ada.texts()).toEqual(["count to 4", "1", "2", "3", "4"]);
});

test("a user who was away for longer than messages are kept sees what is gone", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("gap"));
  await ada.say("The first.");
  await ada.showsLine("none that I know");
  await ada.drop();
  const ben = await RoomWindow.open(stage.browser, stage.server.room("gap"));
  for (let round = 0; round < 18; round += 1) await ben.say("flood");
  await eventually(async () => (await ben.lines()).at(-1)?.place).toBe(2 + 18 * 31);
  await ada.reconnect();
  await ada.page.getByText(/Messages up to number \d+ are gone/).waitFor();
  await eventually(async () => (await ada.lines()).at(-1)?.place).toBe(2 + 18 * 31);
  const places = (await ada.lines()).map(({ place }) => place);
  expect(places).toEqual(places.map((_, index) => (places[0] ?? 0) + index));
  expect(await ada.texts()).not.toContain("The first.");
});

test("a server that falls silent is found out, and what was said meanwhile is delivered once", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("silent"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("silent"));
  stage.server.freeze();
  await ada.say("Can you hear me?");
  await ada.isCutOff();
  stage.server.thaw();
  await Promise.all([ada.hasState("live"), ben.hasState("live")]);
  await Promise.all([ada.shows(["Can you hear me?"]), ben.shows(["Can you hear me?"])]);
  expect((await ada.lines())[0]?.place).toBe(1);
});

test("what was said survives a killed server, and the page recovers by itself", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("restart"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("restart"));
  await ada.say("Kept?");
  await ben.say("We shall see.");
  await ada.shows(["Kept?", "We shall see."]);
  await stage.server.kill();
  await ada.hasState("reconnecting");
  await ada.say("Said while the server was down.");
  await stage.server.start();
  await Promise.all([ada.hasState("live"), ben.hasState("live")]);
  const conversation = ["Kept?", "We shall see.", "Said while the server was down."];
  await Promise.all([ada.shows(conversation), ben.shows(conversation)]);
  const eve = await RoomWindow.open(stage.browser, stage.server.room("restart"));
  await eve.shows(conversation);
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});

test("the demo says where it is, ends when it is asked to and leaves nothing running", async () => {
  expect(stage.server.printed).toContain(new URL(stage.server.room("")).origin);
  expect(stage.server.printed).not.toMatch(/warn|error/i);
  expect(await stage.server.end()).toBe(0);
  expect(await stage.server.isListening()).toBe(false);
});
