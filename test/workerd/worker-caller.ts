import { DurableObject } from "cloudflare:workers";
import { chatSession } from "../../src/index.js";

interface Env {
  CALLER: DurableObjectNamespace<Caller>;
  REMOTE: DurableObjectStub;
}

/** An object that calls a session of another process, and says whether it is still the same object. */
export class Caller extends DurableObject<Env> {
  readonly #incarnation = crypto.randomUUID();

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/call") await this.#call();
    return new Response(this.#incarnation);
  }

  async #call(): Promise<void> {
    const session = chatSession(this.env.REMOTE);
    const { id } = await session.post({ content: "hello", id: "one" });
    const { messages } = await session.history();
    if (messages.at(-1)?.id !== id) throw new Error("The history lacks what was posted.");
    await session.connections();
    await session.disconnect({ identityId: "nobody" });
    const refused = await session.history({ limit: -1 }).catch((error: unknown) => error);
    if (!(refused instanceof Error)) throw new Error("A wrong limit was taken.");
    await session.clear();
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> => env.CALLER.getByName("one").fetch(request),
};
