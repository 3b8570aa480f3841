import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { findPort } from "./server.js";

/** A page of somebody else's site, and what its server says along with it. */
export interface ForeignPage {
  html: string;
  policy: string;
}

/** Somebody else's site: another origin, whose pages are all the same. */
export class ForeignSite {
  page: ForeignPage = { html: "", policy: "" };
  readonly #server: Server;

  private constructor(readonly origin: string) {
    this.#server = createServer((_, response) => {
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": this.page.policy };
      response.writeHead(200, headers).end(this.page.html);
    });
  }

  static async start(): Promise<ForeignSite> {
    const port = await findPort();
    const site = new ForeignSite(`http://localhost:${port}`);
    site.#server.listen(port, "127.0.0.1");
    await once(site.#server, "listening");
    return site;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
