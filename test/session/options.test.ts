import { describe, expect, it } from "vitest";
import {
  ChatError,
  type ChatSessionDOOptions,
  type ChatTransportOptions,
  createChatTransport,
} from "../../src/index.js";
import { MAX_MESSAGE_SIZE, MAX_STORED_MESSAGES } from "../../src/protocol/limits.js";
import { toSettings } from "../../src/server/options.js";
import { openSession, silent } from "../fixtures/rooms.js";

const LONGEST_TIMER = 2 ** 31 - 1;
const WHOLE = [
  { name: "maxMessageSize", least: 1, most: MAX_MESSAGE_SIZE },
  { name: "maxMetadataSize", least: 2, most: MAX_MESSAGE_SIZE },
  { name: "maxMetadataDepth", least: 1, most: 256 },
  { name: "heartbeatInterval", least: 1, most: LONGEST_TIMER },
  { name: "turnTimeout", least: 1, most: LONGEST_TIMER },
  { name: "toolTimeout", least: 1, most: LONGEST_TIMER },
  { name: "maxTurnTime", least: 1, most: LONGEST_TIMER },
  { name: "maxReplySize", least: 1, most: 1_800_000 },
  { name: "answerTimeout", least: 1, most: 315_360_000_000 },
  { name: "maxStoredMessages", least: 1, most: MAX_STORED_MESSAGES },
  { name: "maxConnections", least: 1, most: 32_768 },
  { name: "turnAttempts", least: 1, most: 1_000 },
];

/** Takes options of any shape, as JavaScript would. */
const settle = (options: object) => toSettings(options);

function expectRefused(options: Record<string, unknown>, name: string): void {
  const attempt = () => settle(options);
  expect(attempt).toThrow(ChatError);
  expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(name) }));
}

describe("an option that is a whole number", () => {
  it.each(WHOLE)("may be from $least to $most, and nothing else: $name", ({ name, least, most }) => {
    for (const value of [least, most]) expect(settle({ [name]: value })).toMatchObject({ [name]: value });
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY, `${least}`, true]) {
      expectRefused({ [name]: value }, name);
    }
  });

  it.each(WHOLE)("has its default where it is undefined: $name", ({ name }) => {
    expect(settle({ [name]: undefined })).toMatchObject({ [name]: Reflect.get(settle({}), name) });
  });
});

describe("an option", () => {
  const valid: ChatSessionDOOptions[] = [
    { onMessage: silent, rateLimit: { burst: 1, perSecond: 0.001 } },
    { onMessage: silent, rateLimit: false, byteRateLimit: false, violationLimit: false },
    { onMessage: silent, maxMessageSize: 1_000, byteRateLimit: { burst: 1_000, perSecond: 1 } },
    { onMessage: silent, allowedTypes: [] },
    { onMessage: silent, allowedTypes: ["message", "typing", "tool_call", "tool_result", "system"] },
    { onMessage: silent, allowedOrigins: [] },
    { onMessage: silent, concurrency: "parallel" },
    { onMessage: silent, authenticate: () => ({ id: "a" }), trustForwardedIdentity: false },
  ];
  it.each(valid)("is kept as it is given: %j", (options) => {
    expect(settle(options)).toMatchObject(options);
  });

  const rates = [
    { burst: 0.5, perSecond: 1 },
    { burst: 0, perSecond: 1 },
    { burst: 1, perSecond: 0 },
    { burst: 1, perSecond: -1 },
    { burst: Number.NaN, perSecond: 1 },
    { burst: Number.POSITIVE_INFINITY, perSecond: 1 },
    { burst: 1, perSecond: Number.POSITIVE_INFINITY },
    { burst: 1 },
    true,
    null,
    20,
  ];
  it.each(rates)("is refused where it is no rate: %j", (rate) => {
    for (const name of ["rateLimit", "byteRateLimit", "violationLimit"]) expectRefused({ [name]: rate }, name);
  });

  it.each([
    { name: "allowedTypes", value: ["error"] },
    { name: "allowedTypes", value: ["message", "ping"] },
    { name: "allowedTypes", value: "message" },
    { name: "allowedOrigins", value: "https://a.example" },
    { name: "allowedOrigins", value: ["*"] },
    { name: "allowedOrigins", value: ["https://*.example.com"] },
    { name: "allowedOrigins", value: ["app.example.com"] },
    { name: "allowedOrigins", value: ["app.example.com:443"] },
    { name: "allowedOrigins", value: ["https://app.example.com/chat"] },
    { name: "allowedOrigins", value: ["https://app.example.com?x"] },
    { name: "allowedOrigins", value: ["https://user@app.example.com"] },
    { name: "allowedOrigins", value: ["https://"] },
    { name: "allowedOrigins", value: [""] },
    { name: "allowedOrigins", value: [undefined] },
    { name: "concurrency", value: "serial" },
    { name: "authenticate", value: "ann" },
    { name: "trustForwardedIdentity", value: "no" },
    { name: "trustForwardedIdentity", value: 0 },
    { name: "recoverByAlarm", value: "yes" },
    { name: "tags", value: ["agent"] },
    { name: "limitKey", value: "ann" },
    { name: "byteRateLimit", value: { burst: 65_535, perSecond: 1 } },
  ])("is refused where it makes no sense: $name, $value", ({ name, value }) => {
    expectRefused({ [name]: value }, name);
  });

  it("excludes another: authenticate and trustForwardedIdentity", () => {
    expectRefused({ authenticate: () => ({ id: "a" }), trustForwardedIdentity: true }, "trustForwardedIdentity");
  });
});

/** All that there is: the types say when one is missing here. */
const EVERYTHING: Required<ChatSessionDOOptions> = {
  onMessage: silent,
  maxMessageSize: 1_000,
  maxMetadataSize: 1_000,
  maxMetadataDepth: 10,
  heartbeatInterval: 1_000,
  allowedTypes: ["message"],
  allowedOrigins: ["https://a.example"],
  authenticate: () => ({ id: "a" }),
  reauthenticate: () => ({ id: "a" }),
  trustForwardedIdentity: false,
  rateLimit: false,
  byteRateLimit: false,
  workLimit: false,
  violationLimit: false,
  concurrency: "queue",
  turnTimeout: 1_000,
  toolTimeout: 1_000,
  maxTurnTime: 1_000,
  maxReplySize: 1_000,
  dialects: [],
  mayCancel: () => true,
  maxStoredMessages: 10,
  maxConnections: 10,
  turnAttempts: 1,
  interruptedReply: "rerun",
  recoverByAlarm: false,
  answerTimeout: 1_000,
  mayAnswer: () => true,
  onAlarm: () => undefined,
  limitKey: () => "key",
  tags: () => [],
  onConnect: () => undefined,
  onLive: () => undefined,
  onDisconnect: () => undefined,
  onRefuse: () => undefined,
  onFrameIn: () => undefined,
  onFrameOut: () => undefined,
};

describe("an option that does not exist", () => {
  it.each([
    ["authorize", "authenticate"],
    ["renew", "reauthenticate"],
    ["allowedOrigin", "allowedOrigins"],
    ["AllowedOrigins", "allowedOrigins"],
    ["maxStoredMesages", "maxStoredMessages"],
    ["onmessage", "onMessage"],
    ["ratelimit", "rateLimit"],
  ])("is refused with the nearest that does: %s, %s", (wrong, right) => {
    const message = `There is no option "${wrong}". Did you mean "${right}"?`;
    expect(() => settle({ [wrong]: undefined })).toThrow(expect.objectContaining({ code: "INVALID_OPTION", message }));
    const options = { onMessage: silent, [wrong]: undefined };
    expect(() => createChatTransport(options)).toThrow(message);
  });

  it("is none of those that a session has, which the transport takes, too", () => {
    expect(settle(EVERYTHING)).toMatchObject(EVERYTHING);
    expect(() => createChatTransport(EVERYTHING)).not.toThrow();
  });
});

describe("an invalid option", () => {
  const options: ChatTransportOptions = { onMessage: silent, maxMessageSize: MAX_MESSAGE_SIZE + 1 };

  it("is reported when the transport is created, with what it may be", () => {
    expect(() => createChatTransport(options)).toThrow(
      "maxMessageSize must be a whole number from 1 to 1048576, not 1048577.",
    );
  });

  it("keeps a session from being constructed", async () => {
    await expect(openSession(options).upgrade()).rejects.toThrow("maxMessageSize must be a whole number");
  });
});
