import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Wire, type WireQuality } from "./wire.js";

/** What a link is like. The delay is that of each direction: a round trip takes twice as long. */
export interface LinkQuality {
  /** Milliseconds, each way. Default: 0. */
  delayMs?: number;
  /** Bytes per second to the server. Default: unlimited. */
  uploadRate?: number;
  /** Bytes per second to the client. Default: unlimited. */
  downloadRate?: number;
}

/**
 * A TCP proxy on the loopback whose connections have delay and bandwidth, and may be frozen or cut.
 *
 * @example
 * await using proxy = await LinkProxy.start(() => Number(server.url.port), { delayMs: 150, downloadRate: 131_072 });
 * new WebSocket(proxy.socketUrl("/room"));
 */
export class LinkProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(port: () => number, quality: LinkQuality) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const link = new Link(client, port(), quality);
      this.#links.add(link);
      link.closed.then(() => this.#links.delete(link));
    });
  }

  /** @param port where the server listens; asked for each connection, for it changes when the server starts again. */
  static async start(port: () => number, quality: LinkQuality = {}): Promise<LinkProxy> {
    const proxy = new LinkProxy(port, quality);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy does not listen any more.");
    return address.port;
  }

  /** The address of a WebSocket through this proxy. */
  socketUrl(path: string): URL {
    return new URL(path, `ws://127.0.0.1:${this.port}`);
  }

  /** The connections that are open, oldest first. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** Freezes every connection that is open now. */
  freeze(): void {
    for (const link of this.#links) link.freeze();
  }

  /** Cuts every connection that is open now. */
  cut(): void {
    for (const link of this.#links) link.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }
}

/** One connection over a link: the client's socket, the server's, and a wire each way. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Wire;
  readonly #down: Wire;
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>;

  constructor(client: Socket, port: number, { delayMs = 0, uploadRate, downloadRate }: LinkQuality) {
    this.#client = client;
    this.#server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.#up = join(client, this.#server, quality(delayMs, uploadRate));
    this.#down = join(this.#server, client, quality(delayMs, downloadRate));
    const closed = [client, this.#server].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    this.closed = Promise.all(closed).then(() => undefined);
  }

  /** Bytes that arrived at the server. */
  get uploaded(): number {
    return this.#up.delivered;
  }

  /** Bytes that arrived at the client. */
  get downloaded(): number {
    return this.#down.delivered;
  }

  /** Makes it half open: both sides stay connected, and neither hears the other any more. */
  freeze(): void {
    this.#up.freeze();
    this.#down.freeze();
  }

  /** Resets both sides at once; what waits or travels is lost. */
  cut(): void {
    this.#up.dispose();
    this.#down.dispose();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }
}

function quality(delayMs: number, rate: number | undefined): WireQuality {
  return { delayMs, ...(rate !== undefined && { rate }) };
}

/** A wire from one socket to the other, which pauses the sender while the receiver does not read. */
function join(from: Socket, to: Socket, wireQuality: WireQuality): Wire {
  const wire = new Wire(from, wireQuality, {
    deliver: (bytes) => {
      // Bytes for a socket that is gone are answered by a reset, as the system of its owner would.
      if (to.destroyed) return void from.resetAndDestroy();
      if (to.write(bytes)) return;
      wire.hold();
      to.once("drain", () => wire.release());
    },
    ended: (how) => {
      if (how === "reset") to.resetAndDestroy();
      else if (!to.destroyed) to.end();
    },
  });
  return wire;
}
