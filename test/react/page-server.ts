import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** Serves documents with their script to the browser, from the loopback. */
export class PageServer implements AsyncDisposable {
  readonly #bodies = new Map<string, string>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(({ url = "" }, response) => {
      const { pathname } = new URL(url, "http://localhost");
      const body = this.#bodies.get(pathname);
      const type = pathname.endsWith(".js") ? "text/javascript" : "text/html";
      response.writeHead(body === undefined ? 404 : 200, { "Content-Type": `${type}; charset=utf-8` }).end(body);
    });
  }

  static async start(): Promise<PageServer> {
    const pages = new PageServer();
    pages.#server.listen(0, "127.0.0.1");
    await once(pages.#server, "listening");
    return pages;
  }

  /** Serves a document under an address of its own, and returns that. */
  add(root: string, script: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The page server does not listen.");
    const path = `/${crypto.randomUUID()}`;
    const head = '<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,">';
    this.#bodies.set(`${path}.js`, script);
    this.#bodies.set(path, `${head}<div id="root">${root}</div><script type="module" src="${path}.js"></script>`);
    return `http://127.0.0.1:${address.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
