import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";

const TEXT = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(1_000) } }] })}\n\n`;

/**
 * Stands in for the providers of models: an HTTP server on the loopback, with one path for each behaviour.
 *
 * - `/recorded/<name>?size=<bytes>` sends a recorded stream in pieces of this size, each in a packet of its own.
 * - `/stalled/<name>?bytes=<bytes>` sends so much of it, and nothing more.
 * - `/endless` sends text as fast as it is taken.
 * - `/steady` sends some text every 20 milliseconds.
 * - `/silent` never answers.
 * - `/api/…` is asked by the providers' packages: it sends what was recorded of that API, or the beginning of it to the model `stalled`.
 * - `/status/<number>` refuses, with a secret in the body.
 */
export class ModelProvider implements AsyncDisposable {
  readonly #server: Server;
  /** Bytes of the endless stream that were handed to the network. */
  sent = 0;
  /** Resolves when the client of the latest request has closed its connection before the answer was complete. */
  closed: Promise<void> = Promise.resolve();
  /** Requests that have come. */
  requests = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests += 1;
      this.closed = new Promise((resolve) => response.once("close", () => resolve()));
      void this.#answer(new URL(request.url ?? "", this.url), request, response);
    });
  }

  static async start(): Promise<ModelProvider> {
    const provider = new ModelProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, "127.0.0.1", resolve));
    return provider;
  }

  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer({ pathname, searchParams }: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind, name = ""] = pathname.split("/");
    if (kind === "status") {
      response.writeHead(Number(name), { "content-type": "application/json" }).end('{"error":{"message":"SECRET"}}');
      return;
    }
    if (kind === "silent") return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.socket?.setNoDelay();
    if (kind === "recorded") await sendPieces(recorded(name), Number(searchParams.get("size")), response);
    else if (kind === "api") await sendRecordedApi(pathname, request, response);
    else if (kind === "stalled") response.write(recorded(name).subarray(0, Number(searchParams.get("bytes"))));
    else if (kind === "steady") await sendSteadily(response);
    else await this.#sendWithoutEnd(response);
  }

  async #sendWithoutEnd(response: ServerResponse): Promise<void> {
    while (!response.destroyed) {
      this.sent += TEXT.length;
      if (!response.write(TEXT))
        await Promise.race([new Promise((resolve) => response.once("drain", resolve)), this.closed]);
    }
  }
}

async function sendSteadily(response: ServerResponse): Promise<void> {
  for (; !response.destroyed; await wait(20)) response.write(TEXT.replace(/x+/, "word "));
}

const APIS: Record<string, string> = {
  "/api/chat/completions": "openai-chat",
  "/api/responses": "openai-responses",
  "/api/v1/messages": "anthropic",
};

async function sendRecordedApi(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model } = JSON.parse(await text(request));
  const bytes = recorded(APIS[pathname] ?? "");
  if (model === "stalled") response.write(bytes.subarray(0, bytes.length / 2));
  else await sendPieces(bytes, 100, response);
}

async function sendPieces(bytes: Buffer, size: number, response: ServerResponse): Promise<void> {
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    await nextTurn();
  }
  response.end();
}

function recorded(name: string): Buffer {
  return readFileSync(new URL(`../ai/streams/${name}.txt`, import.meta.url));
}
