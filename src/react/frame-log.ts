import type { ChatClient } from "../client/index.js";

/** A frame as it went over the wire. */
export interface InspectedFrame {
  /** Counts from 1; a key for lists. */
  readonly id: number;
  readonly direction: "in" | "out";
  readonly text: string;
  /** Its size as UTF-8. */
  readonly bytes: number;
  /** When it was seen, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** The fields of an envelope or control frame of PROTOCOL.md. Unset for what is no JSON. */
  readonly decoded?: Readonly<Record<string, unknown>>;
  /** Why it could not be decoded. */
  readonly error?: string;
}

const NONE: readonly InspectedFrame[] = [];
const encoder = new TextEncoder();

/** The newest frames of a client, for the one who subscribes: it listens only meanwhile. */
export class FrameLog {
  readonly #client: ChatClient;
  readonly #limit: number;
  #frames = NONE;
  #count = 0;
  #changed: (() => void) | undefined;

  constructor(client: ChatClient, limit: number) {
    this.#client = client;
    this.#limit = limit;
  }

  readonly read = (): readonly InspectedFrame[] => this.#frames;

  readonly readOnServer = (): readonly InspectedFrame[] => NONE;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed = changed;
    return this.#client.on("frame", ({ direction, text }) => {
      const bytes = encoder.encode(text).byteLength;
      const frame = { id: ++this.#count, direction, text, bytes, time: Date.now(), ...decode(text) };
      this.#show([...this.#frames.slice(Math.max(0, this.#frames.length + 1 - this.#limit)), frame]);
    });
  };

  readonly clear = (): void => this.#show(NONE);

  #show(frames: readonly InspectedFrame[]): void {
    this.#frames = frames;
    this.#changed?.();
  }
}

function decode(text: string): Pick<InspectedFrame, "decoded" | "error"> {
  try {
    return { decoded: { ...JSON.parse(text) } };
  } catch (error) {
    return { error: String(error) };
  }
}
