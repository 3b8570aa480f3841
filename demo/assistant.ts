import { ChatError } from "@workkit/chat";

/** One line that the assistant says, after a pause in milliseconds during which it is seen typing. */
export interface Line {
  text: string;
  pause: number;
  /** Whether it is seen growing word by word, as a model's answer is. Default: it is shown as a whole. */
  isStreamed?: true;
}

/** Who asks, and when. */
export interface Occasion {
  name: string;
  now: Date;
}

interface Rule {
  pattern: RegExp;
  answer(match: RegExpExecArray, occasion: Occasion): Line[];
}

const MOST_COUNTED = 20;
const FLOOD = 30;
/** Milliseconds before each word of a line that is streamed. */
const WORD_MS = 60;

const STORY = `A message is written in a window of this room. The window gives it a name that no other message has, keeps it, and only then sends it.

In the room it gets a number, the next one, and is put on disk before anyone is told of it. So anyone who has seen it will see it again, even if the room falls over the moment after.

On its way back the news may get lost. The window does not know, and sends the message once more. The room looks at the name, says "I have that one, it is number twelve", and tells nobody twice.

A second window was in a tunnel all this time. When it comes out it says "I have seen up to number nine", and is given ten, eleven and twelve, in that order. Nobody had to remember that it was gone.

That is the whole story. It is being told word by word, and what has been told is there after a reload, too.`;

/**
 * The built-in assistant: a list of patterns, tried from top to bottom. It runs offline, learns nothing and understands nothing,
 * and says so. A real application would call its model here.
 */
const RULES: readonly Rule[] = [
  {
    pattern: /^(help|\?|what can you do)/i,
    answer: () => [
      streamed(
        [
          "I am a small rule-based script, no language model. I know these words:",
          "",
          "time: the server's clock",
          "count to 5: one message for each number",
          "story: a long answer, word by word; stop it when you have heard enough",
          "slow: an answer that takes six seconds; drop the connection meanwhile and see",
          "flood: thirty messages at once",
          "fail: a typed error instead of an answer",
          "who am I: what the server knows of you",
        ].join("\n"),
      ),
    ],
  },
  { pattern: /^time\b|what time/i, answer: (_, { now }) => [quick(`By the server's clock it is ${clock(now)} UTC.`)] },
  {
    pattern: /^count(?: to)? (\d+)/i,
    answer([, digits]) {
      const most = Math.min(Number(digits), MOST_COUNTED);
      const numbers = Array.from({ length: most }, (_, index) => ({ text: String(index + 1), pause: 500 }));
      return Number(digits) > most ? [...numbers, quick(`I stop at ${MOST_COUNTED}.`)] : numbers;
    },
  },
  {
    pattern: /^slow\b/i,
    answer: () => [{ text: "That took six seconds. Who left and came back has it all the same.", pause: 6_000 }],
  },
  { pattern: /^(tell me a )?story\b/i, answer: () => [streamed(STORY)] },
  {
    pattern: /^flood\b/i,
    answer: () => Array.from({ length: FLOOD }, (_, index) => ({ text: `${index + 1} of ${FLOOD}`, pause: 0 })),
  },
  {
    pattern: /^fail\b/i,
    answer() {
      throw new ChatError(
        "REJECTED",
        "You asked the assistant to fail, and it did. Your message is kept all the same.",
      );
    },
  },
  {
    pattern: /^who am i/i,
    answer: (_, { name }) => [quick(`The server knows you as ${name}. It took your word for it.`)],
  },
  {
    pattern: /^(hi|hello|hey|good (morning|day|evening))\b/i,
    answer: (_, { name }) => [quick(`Hello, ${name}. I am a small script; say "help" to see the few words I know.`)],
  },
  { pattern: /\b(thanks|thank you)\b/i, answer: () => [quick("You are welcome.")] },
];

/**
 * What the assistant says to a question.
 *
 * @throws ChatError `REJECTED`, when it is asked to fail
 */
export function reply(question: string, occasion: Occasion): Line[] {
  for (const { pattern, answer } of RULES) {
    const match = pattern.exec(question);
    if (match !== null) return answer(match, occasion);
  }
  return [
    quick(`${length(question)}, and none that I know. I am a small script, no language model: say "help" for my list.`),
  ];
}

/**
 * The question in a message, if it is meant for the assistant. Alone with one person it takes everything as said to it;
 * in company it waits to be named, and does not talk into other people's conversation.
 */
export function question(content: string, people: number): string | undefined {
  const named = /@assistant\b[,:]?/i;
  if (people > 1 && !named.test(content)) return undefined;
  return content.replace(named, "").trim();
}

function quick(text: string): Line {
  return { text, pause: 600 };
}

function streamed(text: string): Line {
  return { text, pause: 600, isStreamed: true };
}

/** The words of a text, one after the other. */
export async function* inWords(text: string, signal: AbortSignal): AsyncGenerator<string> {
  for (const word of text.match(/\S+\s*/g) ?? []) {
    await scheduler.wait(WORD_MS, { signal });
    yield word;
  }
}

function clock(now: Date): string {
  return now.toISOString().slice(11, 19);
}

function length(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  return words === 1 ? "That is one word" : `Those are ${words} words`;
}
