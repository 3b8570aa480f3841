import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { LinkQuality } from "../siege/link.js";
import { type Frame, OPCODES } from "./frames.js";
import { Link } from "./link.js";

/** Stands between the clients and the server, on the loopback, and harms their connections on request. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #quality: (client: string) => LinkQuality;
  readonly #links = new Set<Link>();
  /** The newest connection of each client. */
  readonly #newest = new Map<string, Link>();
  readonly #toDuplicate = new Set<string>();
  /** Acks that said that the envelope was in the log already. */
  retriesDeduped = 0;
  /** Refusals that are to be waited out. */
  rateLimited = 0;
  busy = 0;
  /** Identities that were renewed on a live connection, and such that expired. */
  renewals = 0;
  expiries = 0;
  /** Connections that were duplicated. */
  duplicates = 0;

  private constructor(port: () => number, quality: (client: string) => LinkQuality) {
    this.#quality = quality;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, port()));
  }

  /**
   * @param port where the server listens; asked for each connection, for it changes with each start of the server.
   * @param quality what the link of each client is like
   */
  static async start(port: () => number, quality: (client: string) => LinkQuality): Promise<FaultProxy> {
    const proxy = new FaultProxy(port, quality);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The address of a path through this proxy. */
  url(path: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string")
      throw new Error("The proxy does not listen: start() it first.");
    return `ws://127.0.0.1:${address.port}${path}`;
  }

  /** The connection of a client, if it has one that can be harmed. */
  link(client: string): Link | undefined {
    const link = this.#newest.get(client);
    return link?.isSound ? link : undefined;
  }

  /** The client's next connection is made twice, and whatever it says on it is said on both. */
  duplicateNext(client: string): void {
    this.#toDuplicate.add(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const link of this.#links) link.destroy();
    await closed;
  }

  #accept(socket: Socket, port: number): void {
    const link = new Link(socket, port, {
      named: (client, named) => {
        this.#newest.set(client, named);
        const isDuplicated = this.#toDuplicate.delete(client);
        if (isDuplicated) this.duplicates += 1;
        return isDuplicated;
      },
      quality: this.#quality,
      served: (frame) => this.#served(frame),
      closed: (closed) => this.#links.delete(closed),
    });
    this.#links.add(link);
  }

  #served({ bytes, opcode, payload }: Frame): void {
    if (opcode === OPCODES.close) {
      if (payload.length >= 2 && payload.readUInt16BE(0) === IDENTITY_EXPIRED) this.expiries += 1;
    } else if (bytes.includes(RENEWED)) this.renewals += 1;
    else if (bytes.includes(RETRY)) this.retriesDeduped += 1;
    else if (bytes.includes(RATE_LIMITED)) this.rateLimited += 1;
    else if (bytes.includes(BUSY)) this.busy += 1;
  }
}

/** What tells these frames from others: nothing that clients and handlers say here holds it. */
const RENEWED = Buffer.from('{"type":"auth"');
const IDENTITY_EXPIRED = 4001;
const RETRY = Buffer.from('"retry":true');
const RATE_LIMITED = Buffer.from('"code":"RATE_LIMITED"');
const BUSY = Buffer.from('"code":"BUSY"');
