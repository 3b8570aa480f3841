import { connect, type Socket } from "node:net";
import type { LinkQuality } from "../siege/link.js";
import { Wire } from "../siege/wire.js";
import type { Frame } from "./frames.js";
import { type FrameRule, Lane } from "./lane.js";

/** Which way bytes go. */
export type Direction = "toServer" | "toClient";

/** What a connection tells of, and asks. */
export interface LinkEvents {
  /** The client has said where it wants to go; returns whether its connection is to be duplicated. */
  named(client: string, link: Link): boolean;
  /** What the link of a client is like. */
  quality(client: string): LinkQuality;
  /** A frame of the server's came by, on the client's own connection or on its duplicate. */
  served(frame: Frame): void;
  /** Both sides are closed. */
  closed(link: Link): void;
}

/** How long the server's end of a half-open connection stays, in milliseconds. */
const HALF_OPEN = 8_000;

/** One connection through the proxy: the client's socket, the server's, and what is done to the bytes between. */
export class Link {
  readonly #down: Socket;
  readonly #up: Socket;
  readonly #events: LinkEvents;
  readonly #lanes: Record<Direction, Lane>;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** A second connection to the server that says all that the client says. */
  #duplicate: Socket | undefined;
  #isFrozen = false;
  client: string | undefined;

  /** @param port where the server listens now. */
  constructor(down: Socket, port: number, events: LinkEvents) {
    this.#down = down;
    this.#events = events;
    this.#up = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#lanes = {
      toServer: new Lane({
        deliver: (bytes) => {
          write(this.#up, bytes);
          if (this.#duplicate !== undefined) write(this.#duplicate, bytes);
        },
        passed: () => undefined,
      }),
      toClient: new Lane({
        deliver: (bytes) => write(this.#down, bytes),
        passed: (frame) => this.#events.served(frame),
      }),
    };
    this.#join(port);
  }

  /** Whether it can still be harmed. */
  get isSound(): boolean {
    return !this.#isFrozen && !this.#down.destroyed && !this.#up.destroyed;
  }

  /** Breaks it: by resets, or in the midst of the server's next frame. */
  cut(how: "reset" | "torn"): void {
    if (how === "torn") this.#lanes.toClient.tear(() => this.#break());
    else this.#break();
  }

  /** Makes it half-open: both sides stay connected and neither hears the other. */
  freeze(): void {
    this.#isFrozen = true;
    for (const lane of Object.values(this.#lanes)) lane.swallow();
    this.#after(HALF_OPEN, () => this.#break());
  }

  /** Holds one direction for a while; what the client sent before it left still arrives. */
  stall(direction: Direction, milliseconds: number): void {
    this.#lanes[direction].hold();
    this.#after(milliseconds, () => this.#lanes[direction].release());
  }

  /** Lets both directions through in bursts only, `bursts` times. */
  lag(milliseconds: number, bursts: number): void {
    if (bursts === 0) return;
    for (const lane of Object.values(this.#lanes)) lane.hold();
    this.#after(milliseconds, () => {
      for (const lane of Object.values(this.#lanes)) lane.release();
      this.lag(milliseconds, bursts - 1);
    });
  }

  arm(direction: Direction, rule: FrameRule): void {
    this.#lanes[direction].arm(rule);
  }

  /** Ends it without a trace. */
  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of [this.#down, this.#up, this.#duplicate]) socket?.destroy();
  }

  #join(port: number): void {
    for (const socket of [this.#down, this.#up]) {
      socket.setNoDelay(true).once("close", () => {
        if (this.#down.closed && this.#up.closed) this.#events.closed(this);
      });
    }
    const { toServer, toClient } = this.#lanes;
    const up = new Wire(
      this.#down,
      {},
      {
        deliver: (chunk) => {
          const head = toServer.push(chunk);
          if (head !== undefined) this.#begin(head, port, up, down);
        },
        ended: () => this.#pass(() => toServer.end(() => this.#endUp())),
      },
    );
    const down = new Wire(
      this.#up,
      {},
      {
        deliver: (chunk) => toClient.push(chunk),
        ended: () => {
          this.#duplicate?.destroy();
          this.#pass(() => toClient.end(() => this.#down.end()));
        },
      },
    );
  }

  /** Those at the ends of a half-open connection do not learn that the other has left. */
  #pass(end: () => void): void {
    if (!this.#isFrozen) end();
  }

  #endUp(): void {
    this.#up.end();
    this.#duplicate?.end();
  }

  #begin(head: string, port: number, up: Wire, down: Wire): void {
    const client = /[?&]client=([\w-]+)/.exec(head)?.[1] ?? "";
    this.client = client;
    const { delayMs = 0, uploadRate, downloadRate } = this.#events.quality(client);
    up.shape({ delayMs, ...(uploadRate !== undefined && { rate: uploadRate }) });
    down.shape({ delayMs, ...(downloadRate !== undefined && { rate: downloadRate }) });
    if (this.#events.named(client, this)) this.#openDuplicate(head, port);
  }

  #openDuplicate(head: string, port: number): void {
    const duplicate = connect(port, "127.0.0.1").setNoDelay(true);
    const answers = new Lane({ deliver: () => undefined, passed: (frame) => this.#events.served(frame) });
    duplicate.on("error", () => undefined);
    duplicate.on("data", (chunk) => answers.push(chunk));
    duplicate.write(head, "latin1");
    this.#duplicate = duplicate;
  }

  #break(): void {
    this.#down.resetAndDestroy();
    this.#up.resetAndDestroy();
    this.#duplicate?.destroy();
  }

  #after(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }
}

function write(socket: Socket, bytes: Buffer): void {
  if (!socket.destroyed && socket.writable) socket.write(bytes);
}
