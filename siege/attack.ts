import type { Random } from "../test/protocol/random.js";
import type { KindName } from "./kinds.js";
import type { PeerOptions, RawPeer } from "./raw-peer.js";

/** A hostile client, or several. */
export interface Attack {
  name: string;
  /** What it does, in one line. */
  does: string;
  /** The kind of room that it attacks. Default: `talk`. */
  room?: KindName;
  /** Whether it comes as many users, who may fill a room while they are there: nobody visits or is cut off meanwhile. */
  isCrowd?: boolean;
  run(ground: Ground): Promise<void>;
  /** What it does last of all, when nobody else speaks any more and the object is about to die. */
  lastWord?(ground: Ground): Promise<void>;
}

/** What an attack has to work with. */
export interface Ground {
  readonly random: Random;
  /** Whether its time is over, or it has sent what it may send. */
  readonly isOver: boolean;
  /** Opens a connection to the room, and resolves when the server has answered. It ends with the attack. */
  open(options?: PeerOptions): Promise<RawPeer>;
  /** Has the server itself post a message. Resolves with the error, if it could not. */
  post(id: string, size?: number): Promise<string | undefined>;
  /** Waits, but not past the end. */
  pause(milliseconds: number): Promise<void>;
  /** Says that somebody else was harmed in a way that only the attack can see. */
  harmed(how: string): void;
}

/** A durable message. */
export function message(id: string, content: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, type: "message", content, ...more };
}

/** Does something again and again until the attack is over, `perSecond` times a second at most. */
export async function again(ground: Ground, perSecond: number, action: (round: number) => unknown): Promise<void> {
  for (let round = 0; !ground.isOver; round++) {
    await action(round);
    await ground.pause(1_000 / perSecond);
  }
}

/** Keeps a connection open: opens another when the server has closed it. Returns how to get the one that is open. */
export function persistent(ground: Ground, options: PeerOptions): () => Promise<RawPeer> {
  let peer: RawPeer | undefined;
  return async () => {
    if (peer?.isOpen !== true) {
      if (peer !== undefined) await ground.pause(50);
      peer = await ground.open(options);
    }
    return peer;
  };
}
