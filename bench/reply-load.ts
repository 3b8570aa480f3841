import type { LoadSocket } from "./load-socket.js";
import type { Prompt } from "./prompt.js";
import type { ReplyWire } from "./reply-wire.js";

/** What a viewer was sent of a reply. */
export interface Watched {
  /** Milliseconds from the question to the first piece, and from that to the end. */
  firstMs: number;
  durationMs: number;
  /** Frames and their bytes on the wire, from the first that shows text to the end of the reply. */
  frames: number;
  bytes: number;
}

/** How long a reply may stand still before it is given up, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** Has the first of some viewers ask, and waits until each of them was sent the end of the reply. Returns what the last of them was sent. */
export async function watchReply(viewers: readonly LoadSocket[], wire: ReplyWire, prompt: Prompt): Promise<Watched> {
  const asked = performance.now();
  const timer = setTimeout(() => {
    for (const { giveUp } of all) giveUp(new Error(`A reply stood still for ${TIMEOUT_MS / 1_000} s.`));
  }, prompt.firstMs + TIMEOUT_MS);
  const all = viewers.map((viewer) => watch(viewer, wire, asked, () => timer.refresh()));
  viewers[0]?.send(wire.ask(prompt));
  try {
    const watched = await Promise.all(all.map(({ ended }) => ended));
    return watched.at(-1) ?? Promise.reject(new Error("A reply needs a viewer."));
  } finally {
    clearTimeout(timer);
  }
}

function watch(viewer: LoadSocket, { piece, end }: ReplyWire, asked: number, onFrame: () => void) {
  const { promise: ended, resolve, reject: giveUp } = Promise.withResolvers<Watched>();
  let first = 0;
  let frames = 0;
  let bytes = 0;
  viewer.onFrame = (payload) => {
    onFrame();
    const isEnd = payload.includes(end);
    if (first === 0 && (isEnd || payload.includes(piece))) first = performance.now();
    if (first === 0) return;
    frames++;
    bytes += payload.length + headSize(payload.length);
    if (!isEnd) return;
    viewer.onFrame = () => undefined;
    resolve({ firstMs: first - asked, durationMs: performance.now() - first, frames, bytes });
  };
  return { ended, giveUp };
}

/** Bytes of the head of a frame from a server. */
function headSize(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}
