import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { findWebKit } from "../../scripts/browsers.mjs";
import { findPort } from "../server.js";
import type { Engine, EngineBrowser, EngineProfile } from "./engine.js";
import { WebDriverSession } from "./webdriver.js";
import { WebKitWindows } from "./webkit-windows.js";

/** How long a browser may take to start, in milliseconds, and how many are tried. */
const START_WITHIN = 20_000;
const ATTEMPTS = 3;

/** WebKit's MiniBrowser, on a screen that nobody sees, by WebDriver. */
export const WEBKIT: Engine = {
  name: "WebKit",
  async launch(): Promise<EngineBrowser> {
    const programs = findWebKit();
    const screen = await openScreen(programs.screen);
    const drivers = new Map<EngineProfile, ChildProcess>();
    return {
      roots: () => [...drivers.values()].flatMap(({ pid }) => pid ?? []),
      async newProfile() {
        const { driver, session } = await startBrowser(programs.driver, programs.browser, screen.display);
        const windows = new WebKitWindows(session);
        const profile = {
          newTab: () => windows.open(),
          async close() {
            drivers.delete(profile);
            await session.end();
            await end(driver);
          },
        };
        drivers.set(profile, driver);
        return profile;
      },
      async close() {
        await Promise.all([...drivers.keys()].map((profile) => profile.close()));
        await end(screen.server);
      },
    };
  },
};

/**
 * A driver, and the browser that it starts: one of each for a profile, because a MiniBrowser has only one. About one of a
 * hundred MiniBrowsers dies while it starts, and its driver waits for it forever: then another is started.
 */
async function startBrowser(program: string, browser: string, display: string) {
  for (let attempt = 1; ; attempt += 1) {
    const { driver, url } = await startDriver(program, display);
    const starting = WebDriverSession.start(url, {
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
    });
    const session = await Promise.race([starting, wait(START_WITHIN, undefined, { ref: false })]);
    if (session !== undefined) return { driver, session };
    starting.catch(() => "its driver is gone");
    await end(driver);
    if (attempt === ATTEMPTS) throw new Error(`${ATTEMPTS} MiniBrowsers did not start within ${START_WITHIN} ms each.`);
  }
}

async function startDriver(program: string, display: string): Promise<{ driver: ChildProcess; url: string }> {
  const port = await findPort();
  // A frame costs two thirds without what a graphics processor would be for.
  const env = { ...process.env, DISPLAY: display, LANG: "en_US.UTF-8", WEBKIT_DISABLE_DMABUF_RENDERER: "1" };
  const driver = start(program, [`--port=${port}`], { stdio: "ignore", env });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isUp(url))) {
    if (driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with the code ${driver.exitCode}.`);
    await wait(20);
  }
  return { driver, url };
}

async function isUp(url: string): Promise<boolean> {
  const response = await fetch(`${url}/status`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

/** Starts a screen on the first display that is free, which it says itself. */
async function openScreen(program: string): Promise<{ server: ChildProcess; display: string }> {
  const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const server = start(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const said = server.stdio[3];
  if (said === null || said === undefined) throw new Error("Xvfb has nowhere to say its display.");
  const [number] = await once(said, "data");
  return { server, display: `:${String(number).trim()}` };
}

/** Starts a process that does not outlive this one, however this one ends. */
function start(program: string, args: string[], options: SpawnOptions): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], options);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}
