import type { ChatClient } from "../client/index.js";

/** A frame as it is on the wire. */
export interface InspectedFrame {
  /** Counts from 1. A key for lists. */
  readonly id: number;
  readonly direction: "in" | "out";
  readonly text: string;
  /** Its size as UTF-8, in bytes. */
  readonly bytes: number;
  /** When it was sent or received, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** Its fields. Unset if it is no JSON. */
  readonly decoded?: Readonly<Record<string, unknown>>;
  /** Why it could not be decoded. Unset if it could. */
  readonly error?: string;
}

const NO_FRAMES: readonly InspectedFrame[] = [];
const encoder = new TextEncoder();

/** The newest frames of a client. It listens to the client only while it has a subscriber, which is one at most. */
export class FrameLog {
  readonly #client: ChatClient;
  readonly #limit: number;
  #frames = NO_FRAMES;
  #count = 0;
  #onChange: (() => void) | undefined;

  constructor(client: ChatClient, limit: number) {
    this.#client = client;
    this.#limit = limit;
  }

  readonly read = (): readonly InspectedFrame[] => this.#frames;

  readonly readOnServer = (): readonly InspectedFrame[] => NO_FRAMES;

  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#onChange = onChange;
    return this.#client.on("frame", ({ direction, text }) => {
      const bytes = encoder.encode(text).byteLength;
      const frame = { id: ++this.#count, direction, text, bytes, time: Date.now(), ...decode(text) };
      this.#show([...this.#frames.slice(Math.max(0, this.#frames.length + 1 - this.#limit)), frame]);
    });
  };

  readonly clear = (): void => this.#show(NO_FRAMES);

  #show(frames: readonly InspectedFrame[]): void {
    this.#frames = frames;
    this.#onChange?.();
  }
}

function decode(text: string): Pick<InspectedFrame, "decoded" | "error"> {
  try {
    return { decoded: { ...JSON.parse(text) } };
  } catch (error) {
    return { error: String(error) };
  }
}
