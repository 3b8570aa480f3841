import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, ERROR_CODES } from "../../protocol/errors.js";
import { toPartial } from "../stream/private-parts.js";
import type { ReplyVisibility } from "../stream/reply-parts.js";
import type { MakeSource } from "../stream/source.js";
import type { Turn } from "./turn.js";

/** Streams a reply in the middle of a turn, and appends it. A turn that runs again does not repeat one that is in the log (P11). */
export async function streamReply(turn: Turn, make: MakeSource, shown?: ReplyVisibility): Promise<ChatMessage> {
  requireRunning(turn);
  const { sink } = turn;
  const id = turn.nextStreamId();
  const earlier = sink.findPost?.(turn, "", id);
  if (earlier) {
    turn.posts += 1;
    turn.posted = earlier;
    return earlier;
  }
  const saved = turn.saved.get(id);
  const source = await make(turn.signal, saved && toPartial(saved.draft));
  const stream = await sink.streams.run(turn, id, source, shown);
  requireRunning(turn);
  turn.release(stream);
  return sink.post(turn, stream.toDraft());
}

/** @throws ChatError `TURN_ENDED` */
export function requireRunning(turn: Turn): void {
  if (turn.over) throw new ChatError("TURN_ENDED", ERROR_CODES.TURN_ENDED);
}
