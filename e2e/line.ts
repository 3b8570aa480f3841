import { LinkProxy } from "../siege/link.js";
import type { Server } from "./server.js";

/** A port of the loopback on which nothing listens. */
const NOWHERE = 1;

/** The network between a browser and a server, which can be taken away: not every engine has a switch for that. */
export class Line implements AsyncDisposable {
  #proxy: LinkProxy | undefined;
  #port = NOWHERE;
  #isDown = false;

  /** Opens its end at the browser, which has an address from then on. */
  async lay(): Promise<void> {
    this.#proxy = await LinkProxy.start(() => (this.#isDown ? NOWHERE : this.#port));
  }

  /** Leads to this server from now on. */
  leadTo(server: Server): void {
    this.#port = Number(new URL(server.url("/")).port);
  }

  /** The address of something on the server, over this line. */
  url(path: string): string {
    return new URL(path, `http://localhost:${this.#proxy?.port}`).href;
  }

  /** Cuts all that is open, and all that is opened until it goes up again. */
  goDown(): void {
    this.#isDown = true;
    this.#proxy?.cut();
  }

  goUp(): void {
    this.#isDown = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]();
  }
}
