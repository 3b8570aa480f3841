import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { cut, type Errand, textsOf } from "./errand.js";

/** One run of a tool, as the tool itself wrote it down. */
export interface ToolRun {
  message: string;
  step: number;
  /** The attempt of the turn that called it. */
  attempt: number;
}

/** Bytes of one piece of a body: no character of four bytes is safe. */
const PIECE = 5;

/**
 * Stands in for a model and for tools, by HTTP on the loopback. It outlives the server under test, and so does its journal.
 *
 * - `/bytes` sends a reply as UTF-8, `/model` as a chat completion.
 * - `/tool` is a tool: it writes down that it ran, works for a moment, and answers.
 */
export class StandIn implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  /** Each run of a tool, in order. */
  readonly journal: ToolRun[] = [];
  /** Replies whose connection was closed before their end. */
  left = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(new URL(request.url ?? "", this.url), request, response);
    });
    // A connection that is closed while the next request is on its way would be an error of the handler.
    this.#server.keepAliveTimeout = 0;
  }

  static async start(): Promise<StandIn> {
    const standIn = new StandIn();
    await new Promise<void>((resolve) => standIn.#server.listen(0, "127.0.0.1", resolve));
    return standIn;
  }

  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}`);
  }

  /** Resolves when a tool begins to run. */
  toolBegins(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer({ pathname, searchParams }: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    response.on("error", () => undefined);
    const { message = "", attempt, step, errand = "{}" } = Object.fromEntries(searchParams);
    const wanted: Errand = JSON.parse(errand);
    const text = textsOf(wanted, Number(attempt), Number(step)).join("");
    if (pathname === "/tool") {
      this.journal.push({ message, step: Number(step), attempt: Number(attempt) });
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
      await wait(wanted.gap);
      response.end("ran");
    } else {
      response.writeHead(200, { "content-type": pathname === "/model" ? "text/event-stream" : "text/plain" });
      const pieces = pathname === "/model" ? toEvents(text) : cut(Buffer.from(text), PIECE);
      await this.#send(pieces, wanted.gap, response);
    }
  }

  async #send(pieces: readonly (string | Uint8Array)[], gap: number, response: ServerResponse): Promise<void> {
    for (const piece of pieces) {
      if (response.destroyed) {
        this.left += 1;
        return;
      }
      response.write(piece);
      await wait(gap);
    }
    response.end();
  }
}

/** A text as the events of a chat completion. */
function toEvents(text: string): string[] {
  const choices = text.split(/(?<= )/).map((content) => ({ index: 0, delta: { content } }));
  const last = { index: 0, delta: {}, finish_reason: "stop" };
  const events = [...choices, last].map((choice) => JSON.stringify({ model: "stand-in", choices: [choice] }));
  return [...events, "[DONE]"].map((event) => `data: ${event}\n\n`);
}
