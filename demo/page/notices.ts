import { type ChatClient, type HelloFrame, readAuthor } from "@workkit/chat/client";
import { useChatClient } from "@workkit/chat/react";
import { useMemo, useSyncExternalStore } from "react";

/** What the page itself has to say, between two lines: a gap, an absence, an error that belongs to no message. */
export interface Notice {
  key: string;
  /** It stands after the line of this seq. */
  after: number;
  tone: "calm" | "warning" | "error";
  code?: string;
  text: string;
}

/** The notices, as the client's connections come and go. */
export function useNotices(selfId: string): readonly Notice[] {
  const client = useChatClient();
  const notices = useMemo(() => new Notices(client, selfId), [client, selfId]);
  return useSyncExternalStore(notices.subscribe, notices.read);
}

/** Tells the reader what a new connection brought back, and what it could not. */
class Notices {
  readonly #client: ChatClient;
  readonly #selfId: string;
  #notices: readonly Notice[] = [];
  #changed: (() => void) | undefined;
  #since: number | undefined;
  #epoch: string | undefined;
  #missed = 0;

  constructor(client: ChatClient, selfId: string) {
    this.#client = client;
    this.#selfId = selfId;
  }

  readonly read = (): readonly Notice[] => this.#notices;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed = changed;
    const ends = [
      this.#client.on("hello", (hello) => this.#begin(hello)),
      this.#client.on("message", (message) => {
        if (this.#since !== undefined && readAuthor(message)?.id !== this.#selfId) this.#missed += 1;
      }),
      this.#client.on("error", ({ code, text, inReplyTo }) => {
        const { messages } = this.#client.getSnapshot();
        if (messages.some(({ id }) => id === inReplyTo)) return;
        const after = messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
        this.#add({ key: crypto.randomUUID(), tone: "error", after, text, code });
      }),
      this.#client.subscribe(() => this.#client.getSnapshot().status === "live" && this.#end()),
    ];
    return () => {
      for (const end of ends) end();
    };
  };

  /** A connection begins. */
  #begin({ resume, epoch, replayFrom }: HelloFrame): void {
    const before = replayFrom - 1;
    const cleared = this.#epoch !== undefined && this.#epoch !== epoch;
    this.#epoch = epoch;
    this.#missed = 0;
    this.#since = resume === "complete" ? before : undefined;
    if (resume === "complete") return;
    this.#show([]);
    if (resume === "new") return;
    const text = cleared
      ? "This conversation was cleared while you were away."
      : `Messages up to number ${before} are gone: you were away for longer than they are kept.`;
    this.#add({ key: "beginning", tone: "warning", after: before, text });
  }

  /** The replay is over: what comes now is live. */
  #end(): void {
    const since = this.#since;
    this.#since = undefined;
    if (since === undefined || this.#missed === 0) return;
    const count = this.#missed === 1 ? "1 message" : `${this.#missed} messages`;
    this.#add({ key: "away", tone: "calm", after: since, text: `${count} while you were away` });
  }

  /** Adds a notice; one with the same key is replaced. */
  #add(notice: Notice): void {
    this.#show([...this.#notices.filter(({ key }) => key !== notice.key), notice]);
  }

  #show(notices: readonly Notice[]): void {
    this.#notices = notices;
    this.#changed?.();
  }
}
