import type { Random } from "./random.js";

/** JSON that a field may be set to: what breaks decoders more often than chance would. */
const HOSTILE = [
  ...["null", "true", "0", "-0", "-1", "0.5", "1e308", "1e400", "-1e400", "9007199254740993", "5e-324", "01", "NaN"],
  ...["[]", "{}", "[null]", "[[[[[[[[]]]]]]]]", '{"a":{"a":{"a":{}}}}', '{"__proto__":{"type":"message"}}'],
  ...[
    '""',
    '"message"',
    '"typing"',
    '"error"',
    '"ping"',
    '"next"',
    '"auth"',
    '"user"',
    '"system"',
    '"constructor"',
    '"~e:1:x"',
  ],
  ...['"\\ud800"', '"\\udc00x"', '"\\u0000"', '"\ufeff"', '"\u2028"', '"\ud800"', `"${"a".repeat(128)}"`],
  ...[
    `"${"a".repeat(129)}"`,
    `"${"😀".repeat(65)}"`,
    '{"toJSON":1}',
    '{"from":{"id":"admin"}}',
    '"history"',
    "undefined",
  ],
];

const KEYS = [
  ...["id", "type", "role", "content", "metadata", "timestamp", "seq", "after", "before", "limit", "token", "from"],
  ...["__proto__", "constructor", "prototype", "toJSON", "then", "length", "Type", "type ", "ty\\u0070e", ""],
];

const SPACE = [" ", "\t", "\n", "\r", "\u00a0", "\ufeff", "\u2028", "\v", "\0", "/**/", ",", ":"];
const ESCAPES = [
  "\\ud800",
  "\\udfff",
  "\\u0000",
  "\\n",
  "\\/",
  "\\x41",
  "\\u00",
  "\\",
  '"',
  "\ud83d",
  "\x01",
  "\u007f",
];

// One member of a flat object or a small nested one: enough to cut frames at their joints.
const MEMBER = /"[^"]*":(?:"(?:[^"\\]|\\.)*"|\{[^{}]*\}|[^,{}]+)/g;

type Mutation = (frame: string, random: Random, seeds: readonly string[]) => string;

/** Mutations that know JSON, so that most of what they make still parses. */
const structural: Mutation[] = [
  (frame, random) => replaceMember(frame, random, (key) => `${key}:${random.pick(HOSTILE)}`),
  (frame, random) => replaceMember(frame, random, (_, value) => `"${random.pick(KEYS)}":${value}`),
  (frame, random) => replaceMember(frame, random, (key, value) => `${key}:[${value}]`),
  (frame, random) => replaceMember(frame, random, (key, value) => `${key}:{"a":${value}}`),
  (frame, random) => insertMember(frame, random, `"${random.pick(KEYS)}":${random.pick(HOSTILE)}`),
  (frame, random, seeds) => insertMember(frame, random, random.pick(random.pick(seeds).match(MEMBER) ?? ['"a":1'])),
  (frame, random) => removeMember(frame, random),
  (frame, random) => insertAtJoint(frame, random, /[{}[\],:]/g, random.pick(SPACE)),
  (frame, random) => insertAtJoint(frame, random, /[a-z]/g, random.pick(ESCAPES)),
  (frame, random) =>
    random.pick([`[${frame}]`, `{"metadata":${frame}}`, ` ${frame}\n`, `\ufeff${frame}`, `"${frame}"`]),
];

/** Mutations that know nothing of the frame but that it is text. */
const textual: Mutation[] = [
  (frame, random) => splice(frame, random.below(frame.length + 1), random.below(4), ""),
  (frame, random) => splice(frame, random.below(frame.length + 1), 0, String.fromCharCode(random.below(0x10000))),
  (frame, random) => splice(frame, random.below(frame.length + 1), 1, String.fromCharCode(random.below(0x80))),
  (frame, random) => frame.slice(0, random.below(frame.length + 1)),
  (frame, random, seeds) => frame.slice(0, random.below(frame.length + 1)) + random.pick(seeds),
  (frame, random) => {
    const start = random.below(frame.length + 1);
    return splice(frame, start, 0, frame.slice(start, start + random.below(16)));
  },
  spoilBytes,
];

const bytes = Buffer.alloc(65_536);
// The runtime puts U+FFFD for invalid UTF-8 before anyone reads a frame, and keeps a byte order mark.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A frame made from one of `seeds` by one mutation, or two or three, most of them structural. */
export function mutant(random: Random, seeds: readonly string[]): string {
  let frame = random.pick(seeds);
  for (let rounds = random.pick([1, 1, 1, 2, 3]); rounds > 0; rounds--) {
    frame = random.pick(random.below(4) === 0 ? textual : structural)(frame, random, seeds);
  }
  return frame;
}

/** Flips, sets or duplicates single bytes of the frame's UTF-8, as a broken sender or a fuzzer on the wire would. */
function spoilBytes(frame: string, random: Random): string {
  const length = bytes.write(frame);
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(length + 1);
    const byte = random.pick([() => (bytes[at] ?? 0) ^ (1 << random.below(8)), () => random.below(256), () => 0xc0]);
    bytes[at] = byte();
  }
  return decoder.decode(bytes.subarray(0, length));
}

function replaceMember(frame: string, random: Random, change: (key: string, value: string) => string): string {
  const members = Array.from(frame.matchAll(MEMBER));
  if (members.length === 0) return frame;
  const { 0: member, index } = random.pick(members);
  const colon = member.indexOf(":");
  return splice(frame, index, member.length, change(member.slice(0, colon), member.slice(colon + 1)));
}

/** Before the others, where it loses to a later one of its key, or behind them, where it wins. */
function insertMember(frame: string, random: Random, member: string): string {
  if (random.below(2) === 0) return frame.replace("{", () => `{${member},`);
  const end = frame.lastIndexOf("}");
  return end < 0 ? frame : splice(frame, end, 0, `,${member}`);
}

function removeMember(frame: string, random: Random): string {
  const members = Array.from(frame.matchAll(MEMBER));
  if (members.length < 2) return frame;
  const { 0: member, index } = random.pick(members.slice(1));
  return splice(frame, index - 1, member.length + 1, "");
}

function insertAtJoint(frame: string, random: Random, joint: RegExp, text: string): string {
  const joints = Array.from(frame.matchAll(joint));
  return joints.length === 0 ? frame : splice(frame, random.pick(joints).index, 0, text);
}

function splice(text: string, at: number, removed: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}
