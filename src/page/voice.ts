import type { ChatClient, LogMessage } from "../client/index.js";
import { excerptOf } from "./excerpt.js";
import { cleanName } from "./name.js";
import { speakerOf } from "./speaker.js";

/** How long a lost connection must last before it is announced, in milliseconds. */
const OUTAGE_MS = 1_000;
/** How long a connection must be live before its return is announced, in milliseconds: until then it is one outage. */
const STABLE_MS = 5_000;
/** Messages that arrive within this time after an announcement, in milliseconds, are announced together. */
const GATHER_MS = 500;
/** Most messages that are announced one by one. */
const MAX_MESSAGES = 10;
/** Announcements that are kept in the live region. */
const MAX_KEPT = 20;

/** What the voice says, and for whom. */
export interface VoiceWords {
  /** A message. Default `"<name>: <text>"`. */
  message(name: string, text: string): string;
  /** More messages than are read one by one. Default `"<count> new messages"`. */
  many(count: number): string;
  /** Default `"You are not connected."` */
  lost: string;
  /** Default `"You are connected again."` */
  back: string;
  /** The name of a person without one. Default `"Someone"`. */
  someone: string;
  /** The assistant's name, if it has none. Default `"Assistant"`. */
  assistant: string;
}

export interface Voice {
  /** Announces a text. */
  announce(text: string): void;
  dispose(): void;
}

const WORDS: VoiceWords = {
  message: (name, text) => `${name}: ${text}`,
  many: (count) => `${count} new messages`,
  lost: "You are not connected.",
  back: "You are connected again.",
  someone: "Someone",
  assistant: "Assistant",
};

/**
 * Announces to screen readers what is new: each message of others with its author, once; and an outage, once, however often the
 * client tries to reconnect. The past and older messages are not announced, nor what this user has written. Have no other live
 * region beside it.
 *
 * @param region an empty element that is in the document from the start and is seen by screen readers only. It becomes the live region
 *
 * @example
 * const voice = speak(client, document.querySelector(".announcements"));
 */
export function speak(client: ChatClient, region: HTMLElement, words: Partial<VoiceWords> = {}): Voice {
  const said = { ...WORDS, ...words };
  region.role = "status";
  // Only what is added is read.
  region.ariaAtomic = "false";
  const announce = (text: string): void => {
    const line = document.createElement("p");
    line.textContent = text;
    region.append(line);
    if (region.childElementCount > MAX_KEPT) region.firstElementChild?.remove();
  };
  const stops = [announceMessages(client, said, announce), announceOutages(client, said, announce)];
  return {
    announce,
    dispose: () => {
      for (const stop of stops) stop();
    },
  };
}

function announceMessages(client: ChatClient, words: VoiceWords, announce: (text: string) => void): () => void {
  let hasBegun = client.getSnapshot().status === "live";
  let gathered: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nextAt = 0;
  const flush = (): void => {
    timer = undefined;
    nextAt = performance.now() + GATHER_MS;
    for (const text of gathered.length > MAX_MESSAGES ? [words.many(gathered.length)] : gathered) announce(text);
    gathered = [];
  };
  const schedule = (): void => {
    timer ??= setTimeout(flush, nextAt - performance.now());
  };
  const onMessage = (message: LogMessage): void => {
    // What was missed during an outage is new, what was there at the beginning is not.
    if (!hasBegun) return;
    const { identity } = client.getSnapshot();
    const { voice, name } = speakerOf({ ...message, state: "sent", key: message.id }, identity);
    if (voice === "own" || message.content === "") return;
    const author = cleanName(name, voice === "other" ? words.someone : words.assistant);
    gathered.push(words.message(author, excerptOf(message.content)));
    // Those of a replay are announced together, when it is complete.
    if (message.live) schedule();
  };
  const stops = [
    client.on("message", onMessage),
    client.subscribe(() => {
      if (client.getSnapshot().status !== "live") return;
      hasBegun = true;
      if (gathered.length > 0) schedule();
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

function announceOutages(client: ChatClient, { lost, back }: VoiceWords, announce: (text: string) => void): () => void {
  let isOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasLive = false;
  let hasBegun = false;
  const look = (): void => {
    const isLive = client.getSnapshot().status === "live";
    hasBegun ||= isLive;
    if (!hasBegun || isLive === wasLive) return;
    wasLive = isLive;
    clearTimeout(timer);
    if (isLive !== isOut) return;
    timer = setTimeout(
      () => {
        isOut = !isLive;
        announce(isOut ? lost : back);
      },
      isLive ? STABLE_MS : OUTAGE_MS,
    );
  };
  look();
  const stop = client.subscribe(look);
  return () => {
    clearTimeout(timer);
    stop();
  };
}
