import { HOURS } from "../shared/hours.js";

interface Rule {
  pattern: RegExp;
  answer: string;
}

/** What the bot knows. It is a list of patterns, no language model, and says so: yours goes in its place. */
const RULES: readonly Rule[] = [
  {
    pattern: /\b(person|human|agent|someone|somebody)\b/i,
    answer: "I have notified the desk. Somebody will answer here; you may close this window and come back.",
  },
  {
    pattern: /\b(order|parcel|deliver|shipping|shipped)/i,
    answer: "Orders leave within two working days. Write your order's number here, and the desk will look it up.",
  },
  {
    pattern: /\b(refund|return|money back)/i,
    answer: "You can send anything back within 30 days, and get it refunded.",
  },
  { pattern: /\b(hours?|open)\b/i, answer: `The desk is open ${HOURS}.` },
  { pattern: /\b(thanks|thank you)\b/i, answer: "You are welcome." },
];

/** What the bot says to a visitor's message. */
export function reply(content: string): string {
  return (
    RULES.find(({ pattern }) => pattern.test(content))?.answer ??
    "I am a small script, so that is all I can say: your message is with the desk, and somebody will answer here."
  );
}
