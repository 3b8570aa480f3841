import { DEFAULT_HISTORY_LIMIT, MAX_HISTORY_LIMIT } from "../../protocol/limits.js";
import { checkInteger } from "../../protocol/options.js";
import type { EnvelopeReference } from "../../protocol/regenerates.js";
import type { Identity } from "../access/identity.js";
import { copyOf } from "../copy.js";
import { toPartial } from "../stream/private-parts.js";
import type { PartialReply } from "../stream/source.js";
import { callOnce } from "./call-once.js";
import type { TurnContext } from "./context.js";
import type { Continuation } from "./continuation.js";
import { requireRunning, streamReply } from "./stream-reply.js";
import type { Turn } from "./turn.js";

/** What a handler is given of its turn: copies, created on first use, and no way to change the turn. */
export class HandlerContext implements TurnContext {
  readonly sessionId: string;
  readonly connectionId: string | undefined;
  readonly attempt: number;
  readonly seq: number | undefined;
  readonly partial: PartialReply | undefined;
  readonly #turn: Turn;
  #identity: Identity | undefined;

  constructor(turn: Turn) {
    this.#turn = turn;
    this.sessionId = turn.sessionId;
    this.connectionId = turn.inbound?.connection.state.id;
    this.attempt = turn.attempt;
    this.seq = turn.regeneration?.seq ?? turn.seq;
    const [saved] = turn.saved.values();
    this.partial = saved && toPartial(saved.draft);
  }

  get identity(): Identity {
    this.#identity ??= copyOf(this.#turn.identity);
    return this.#identity;
  }

  get regenerates(): EnvelopeReference | undefined {
    return copyOf(this.#turn.regeneration?.reference);
  }

  get continues(): Continuation | undefined {
    const { continued } = this.#turn;
    return continued && copyOf({ id: continued.id, calls: continued.calls });
  }

  get signal(): AbortSignal {
    return this.#turn.signal;
  }

  // Bound, so that a handler may destructure its context.
  get send(): TurnContext["send"] {
    const turn = this.#turn;
    return (draft) => !turn.over && turn.sink.send(turn, draft);
  }

  get post(): TurnContext["post"] {
    const turn = this.#turn;
    return async (draft) => {
      requireRunning(turn);
      return turn.sink.post(turn, draft);
    };
  }

  get stream(): TurnContext["stream"] {
    return (make, options) => streamReply(this.#turn, make, options);
  }

  get once(): TurnContext["once"] {
    return (key, run) => callOnce(this.#turn, key, run);
  }

  get history(): TurnContext["history"] {
    const { sink, continued } = this.#turn;
    const { seq = Number.MAX_SAFE_INTEGER - 1 } = this;
    return async ({ limit = DEFAULT_HISTORY_LIMIT, before = seq + 1 } = {}) => {
      checkInteger("limit", limit, 1, MAX_HISTORY_LIMIT);
      checkInteger("before", before, 0, Number.MAX_SAFE_INTEGER);
      const messages = sink.history?.(Math.min(before, seq + 1), limit) ?? [];
      if (before <= seq) return messages;
      const from = messages[0]?.seq ?? 0;
      return [...copyOf(continued?.envelopes ?? []).filter((envelope) => envelope.seq < from), ...messages];
    };
  }
}
