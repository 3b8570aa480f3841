import { fileURLToPath } from "node:url";
import { type Command, findPort, makeHome, Server } from "./server.js";

const SCRIPT = fileURLToPath(new URL("../demo/start.mjs", import.meta.url));

/** The demo as `npm start` starts it. */
export class Demo extends Server {
  static async start(): Promise<Demo> {
    const demo = new Demo(await findPort(), await makeHome());
    await demo.start();
    return demo;
  }

  /** The address of a room's page; `guest` makes its window another person. */
  room(name: string, guest = false): string {
    return this.url(`/r/${name}${guest ? "?guest" : ""}`);
  }

  protected command(): Command {
    const environment = { PORT: String(this.port), STATE_DIRECTORY: this.home };
    return { program: process.execPath, args: [SCRIPT], environment };
  }

  protected isReady(): boolean {
    return this.printed.includes(`http://localhost:${this.port}`);
  }
}
