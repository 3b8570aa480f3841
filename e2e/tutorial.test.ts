import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../test/system/command.js";
import { pack } from "../test/system/pack.js";
import { Walkthrough } from "../test/system/walkthrough.js";
import { AnyBrowser } from "./browsers/browser.js";
import { CHROMIUM } from "./browsers/chromium.js";
import { ENGINES, setBrowser } from "./browsers/engines.js";
import type { Tab } from "./browsers/tab.js";

const SERVER = "npx wrangler dev";
const CLIENT = "node client.mjs";
const PASSWORD = "correct horse";
const LINES = "#messages li";

let reader: Walkthrough;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "workkit-chat-tutorial-"));
  // What "npm run check" has built: others use it meanwhile, so it is not built again.
  reader = await Walkthrough.of("docs/tutorial/chat-with-sign-in.md", await pack(folder, "--ignore-scripts"));
});

afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("the tutorial, followed from an empty folder", () => {
  it("makes a room that a program talks to", async () => {
    await reader.follow("A project");
    await reader.follow("A room");
    const printed = () => reader.printedBy(CLIENT);
    await expect.poll(printed, { timeout: 30_000 }).toMatch(/^user: Hello\nuser: \/roll\nassistant: A [1-6]\.\n$/);
    await reader.end(CLIENT);
  });

  it("makes a page that shows what was said before", async () => {
    await reader.follow("A page");
    const browser = new AnyBrowser(await CHROMIUM.launch());
    try {
      const tab = await browser.newTab();
      await tab.goto(address());
      await showsLine(tab, /^Somebody: Hello$/);
      await say(tab, "/roll");
      await showsLine(tab, /^The room: A [1-6]\.$/);
    } finally {
      await browser.close();
    }
  });

  it("lets nobody in who has not signed in", async () => {
    await reader.follow("Sign-in");
    await reader.start(CLIENT);
    await expect.poll(() => reader.hasEnded(CLIENT), { timeout: 30_000 }).toBe(true);
    expect(reader.printedBy(CLIENT)).toBe("");
  });

  it("deploys", async () => {
    await reader.follow("Deploy");
  });

  it("builds what the template has", () => {
    const files = globSync("**/*.{ts,json,jsonc,html}", { cwd: join(ROOT, "template"), exclude: ["package.json"] });
    expect(files.length).toBeGreaterThan(7);
    const read = (root: string) => files.map((file) => readFileSync(join(root, file), "utf8"));
    expect(read(reader.project.folder)).toEqual(read(join(ROOT, "template")));
    const ignored = readFileSync(reader.project.path(".gitignore"), "utf8");
    expect(ignored).toBe(readFileSync(join(ROOT, "template/gitignore"), "utf8"));
  });
});

describe.each(ENGINES)("the chat of the tutorial in $name", ({ name: engine, ...rest }) => {
  const stage = setBrowser({ name: engine, ...rest });
  const [ada, ben] = [`Ada.${engine}`, `Ben.${engine}`];

  it("lets people sign in, and names who speaks", async () => {
    const one = await enter(ada);
    const other = await enter(ben);
    await say(one, `Hello from ${engine}`);
    await showsLine(other, new RegExp(`^${ada}: Hello from ${engine}$`));
    await say(other, "/roll");
    await showsLine(one, new RegExp(`^The room: ${ben} rolls a [1-6]\\.$`));
  });

  it("refuses another password, and one that is too short", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address());
    await signIn(tab, ada, "another password");
    await tab.shows({ css: "#notice", text: "This name is taken, and its password is another one." });
    await signIn(tab, ada, "short");
    await tab.shows({ css: "#notice", text: "A password has 8 characters or more." });
  });

  it("sends what was written while the server was away once, after a reload", async () => {
    const tab = await enter(ada);
    await reader.end(SERVER);
    await say(tab, `written in ${engine}`);
    await showsLine(tab, new RegExp(`^written in ${engine} \\(waiting\\)$`));
    await reader.start(SERVER);
    await tab.reload();
    await showsLine(tab, new RegExp(`^${ada}: written in ${engine}$`));
    const texts = await tab.texts(LINES);
    expect(texts.filter((text) => text.includes(`written in ${engine}`))).toHaveLength(1);
  });

  it("forgets who signs out", async () => {
    const tab = await enter(ada);
    // The button moves while lines come in.
    await showsLine(tab, new RegExp(`^${ada}: written in ${engine}$`));
    await tab.click({ role: "button", name: "Sign out" });
    await tab.shows({ role: "button", name: "Sign in" });
    await tab.reload();
    await tab.shows({ role: "button", name: "Sign in" });
  });

  async function enter(name: string): Promise<Tab> {
    const tab = await stage.browser.newTab();
    await tab.goto(address());
    await signIn(tab, name, PASSWORD);
    await tab.shows({ role: "button", name: "Send" });
    return tab;
  }
});

function address(): string {
  return `http://localhost:${reader.port}/`;
}

async function signIn(tab: Tab, name: string, password: string): Promise<void> {
  await tab.fill("#sign-in input[name=name]", name);
  await tab.fill("#sign-in input[name=password]", password);
  await tab.click({ role: "button", name: "Sign in" });
}

async function say(tab: Tab, text: string): Promise<void> {
  await tab.fill("#say input", text);
  await tab.press("Enter");
}

async function showsLine(tab: Tab, text: RegExp): Promise<void> {
  await tab.shows({ css: LINES, text });
}
