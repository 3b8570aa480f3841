import { deflateRawSync } from "node:zlib";
import { clientFrame, frameHead } from "../../torture/frames.js";
import { type Attack, again, message, persistent } from "../attack.js";
import { HOSTILE } from "../kinds.js";

const MIB = 1_048_576;
/** Just under what the runtime takes. */
const LARGEST = 31 * MIB;
/** FIN, the bit of a compressed message, and the opcode of a text. */
const COMPRESSED_TEXT = 0xc1;
const BINARY = 0x82;

/** Text that is nested `depth` deep. */
function nested(depth: number, inside = "1"): string {
  return `${'{"a":'.repeat(depth)}${inside}${"}".repeat(depth)}`;
}

/** A client's frame with a text so large, deflated: about a thousandth of it. */
function deflated(text: string): Buffer {
  const bytes = deflateRawSync(Buffer.from(text), { finishFlush: 2 });
  return clientFrame(bytes.subarray(0, bytes.length - 4), COMPRESSED_TEXT);
}

/** Clients whose frames are not what they should be. */
export const FRAMES: readonly Attack[] = [
  {
    name: "deep",
    does: "sends metadata that is 200 to 5,000 deep",
    room: "deep",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 20, async (round) => {
        const peer = await connection();
        const depth = [200, 255, 256, 257, 999, 1_000, 1_001, 2_500, 5_000][round % 9] ?? 1;
        peer.send(`{"id":"deep-${round}","type":"message","content":"x","metadata":${nested(depth)}}`);
      });
    },
    lastWord: async (ground) => {
      const peer = await ground.open({ user: HOSTILE });
      peer.send(`{"id":"deepest","type":"message","content":"x","metadata":${nested(256)}}`);
      await Promise.race([peer.frame("ack"), peer.frame("error"), peer.closed]);
    },
  },
  {
    name: "deep-quotes",
    does: "has a handler put JSON that is 1,500 deep into the metadata of its reply",
    room: "quoting",
    run: async (ground) => {
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 10, async (round) => {
        const peer = await connection();
        peer.send(message(`quote-${round}`, nested(round % 2 === 0 ? 1_500 : 250)));
      });
    },
    // What stands last in the log is what a wake-up looks at.
    lastWord: async (ground) => {
      const peer = await ground.open({ user: HOSTILE });
      peer.send(message("last-quote", nested(1_500)));
      await Promise.race([peer.frame("message"), peer.frame("error"), peer.closed]);
    },
  },
  {
    name: "inflating",
    does: "sends 33 KB that become 31 MiB",
    run: async (ground) => {
      const bomb = deflated(`{"type":"message","content":"${"x".repeat(LARGEST)}"}`);
      const connection = persistent(ground, { user: HOSTILE, deflate: true });
      await again(ground, 20, async () => {
        const peer = await connection();
        peer.sendBytes(bomb);
      });
    },
  },
  {
    name: "oversize",
    does: "sends frames of 31 MiB, and some that say they are larger still",
    run: async (ground) => {
      const frame = clientFrame(Buffer.alloc(LARGEST, "x"));
      await again(ground, 4, async (round) => {
        const peer = await ground.open({ user: HOSTILE });
        peer.sendBytes(round % 2 === 0 ? frameHead(0x81, 2 ** 40) : frame);
        await peer.drained();
        await ground.pause(200);
        peer.destroy();
      });
    },
  },
  {
    name: "malformed",
    does: "sends binary frames, bad JSON, bad UTF-8, unmasked, fragmented and reserved frames",
    run: async (ground) => {
      const frames = [
        clientFrame(Buffer.from("binary"), BINARY),
        clientFrame(Buffer.from([0xff, 0xfe, 0x7b])),
        clientFrame(Buffer.from('{"type":"message","content":')),
        clientFrame(Buffer.from('{"type":"message","id":"~mine","content":"x"}')),
        clientFrame(Buffer.from('{"type":"error","role":"system","content":"x","id":"1"}')),
        clientFrame(Buffer.from('{"__proto__":{"type":"message"},"id":7,"content":[]}')),
        clientFrame(Buffer.from("null")),
        clientFrame(Buffer.from('{"type":"message","id":"half","content":"'), 0x01),
        clientFrame(Buffer.from('rest"}'), 0x80),
        clientFrame(Buffer.from("x".repeat(200)), 0x89),
        clientFrame(Buffer.from("x"), 0xf3),
        Buffer.from([0x81, 0x01, 0x78]),
        clientFrame(Buffer.from([0x03]), 0x88),
      ];
      const connection = persistent(ground, { user: HOSTILE });
      const plain = persistent(ground, { user: HOSTILE, dialect: "plain" });
      await again(ground, 50, async () => {
        const peer = ground.random.below(2) === 0 ? await connection() : await plain();
        peer.sendBytes(ground.random.pick(frames));
      });
    },
  },
  {
    name: "unknown-position",
    does: "connects with a lastMessageId that nobody knows, in a loop, in a room with a long log",
    run: async (ground) => {
      for (let count = 0; count < 150; count++) await ground.post(`fill-${count}`, 20_000);
      await again(ground, 200, async (round) => {
        const lastMessageId = ground.random.pick([crypto.randomUUID(), `unknown-${round}`, `~nowhere:${round}:x`]);
        const peer = await ground.open({ user: HOSTILE, dialect: "plain", query: { lastMessageId } });
        await ground.pause(20);
        peer.destroy();
      });
    },
  },
  {
    name: "known-position",
    does: "connects at the beginning of a long log, in a loop, on both dialects",
    run: async (ground) => {
      for (let count = 0; count < 150; count++) await ground.post(`fill-${count}`, 20_000);
      const first = await ground.open({ user: HOSTILE });
      const hello = await first.frame("hello");
      await again(ground, 200, async (round) => {
        const peer = await ground.open(
          round % 2 === 0
            ? { user: HOSTILE, dialect: "plain", query: { lastMessageId: "fill-0" } }
            : { user: HOSTILE, query: { since: `${hello?.["epoch"]}:0` } },
        );
        await ground.pause(20);
        peer.destroy();
      });
    },
  },
  {
    name: "forged-position",
    does: "connects with cursors beyond the head, and resends messages with such an `after`",
    room: "slow",
    run: async (ground) => {
      const first = await ground.open({ user: HOSTILE });
      const epoch = String((await first.frame("hello"))?.["epoch"]);
      await again(ground, 10, async (round) => {
        const beyond = `${epoch}:${ground.random.pick([10 ** 6, 2 ** 53, 2 ** 31])}`;
        const peer = await ground.open({ user: HOSTILE, query: { since: beyond } });
        peer.send(message(`forged-${round}`, "x", { after: beyond }));
        const plain = { user: HOSTILE, dialect: "plain", query: { lastMessageId: `~${beyond}:x` } } as const;
        (await ground.open(plain)).destroy();
        await ground.pause(50);
        peer.destroy();
      });
    },
  },
  {
    name: "history",
    does: "asks for all the history that one answer holds, 100 times a second",
    run: async (ground) => {
      for (let count = 0; count < 100; count++) await ground.post(`fill-${count}`, 10_000);
      const connection = persistent(ground, { user: HOSTILE });
      await again(ground, 100, async () => {
        const peer = await connection();
        peer.send({ type: "history", before: 1_000_000, limit: 1_000 });
        peer.send({ type: "pong" });
      });
    },
  },
];
