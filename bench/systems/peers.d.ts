/** As much of the peers as the benches use, so that types can be checked where the peers are not installed. */

declare module "partyserver" {
  import { DurableObject } from "cloudflare:workers";

  export interface Connection extends WebSocket {
    id: string;
  }

  export class Server<Env = unknown> extends DurableObject<Env> {
    static options: { hibernate?: boolean };
    onStart(): void | Promise<void>;
    onMessage(connection: Connection, frame: string | ArrayBuffer): void | Promise<void>;
    broadcast(frame: string | ArrayBuffer, without?: string[]): void;
  }
}

declare module "agents" {
  import { type Connection, Server } from "partyserver";

  export type { Connection };

  export class Agent<Env = unknown> extends Server<Env> {
    sql<Row = Record<string, unknown>>(strings: TemplateStringsArray, ...values: (string | number)[]): Row[];
  }
}

declare module "@cloudflare/ai-chat" {
  import { Agent } from "agents";

  export class AIChatAgent<Env = unknown> extends Agent<Env> {
    messages: { role: string; parts: { type: string; text?: string }[] }[];
    onChatMessage(): Promise<Response | undefined>;
  }
}
