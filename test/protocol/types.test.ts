import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  AckFrame,
  AnnouncedLimits,
  AuthFrame,
  Author,
  AuthRequestFrame,
  AwaitRequestFrame,
  CancelledFrame,
  CancelRequestFrame,
  ChatErrorOptions,
  ChatMessage,
  ChatMessageType,
  ChatRole,
  ClientEnvelope,
  ClientFrame,
  CloseReason,
  DecodedMessage,
  DeltaFrame,
  Dialect,
  HelloFrame,
  HistoryFrame,
  HistoryRequestFrame,
  NextFrame,
  OverFrame,
  PageFrame,
  PingFrame,
  PongFrame,
  SequencedMessage,
  ServerFrame,
  StreamFrame,
} from "../../src/protocol/index.js";
import * as protocol from "../../src/protocol/index.js";

/** An intersection as the one object type that it amounts to. */
type Flat<T> = { [K in keyof T]: T[K] };

// expectTypeOf speaks to the compiler: `npm run check` is where these fail.

describe("DecodedMessage", () => {
  it("says that a client may leave out what the server decides, and nothing else", () => {
    expectTypeOf<Flat<DecodedMessage>>().toEqualTypeOf<{
      id?: string;
      type: ChatMessageType;
      role?: ChatRole;
      content: string;
      metadata?: Record<string, unknown>;
      timestamp?: number;
    }>();
  });

  it("is what decodeMessage returns, from a value of any type", () => {
    expectTypeOf(protocol.decodeMessage).parameters.toEqualTypeOf<[frame: unknown]>();
    expectTypeOf(protocol.decodeMessage).returns.toEqualTypeOf<DecodedMessage>();
  });

  it("has to be filled in before it can be encoded", () => {
    expectTypeOf(protocol.encodeMessage).parameters.toEqualTypeOf<[message: ChatMessage]>();
    expectTypeOf(protocol.encodeMessage).returns.toEqualTypeOf<string>();
    expectTypeOf<ChatMessage>().toExtend<DecodedMessage>();
    expectTypeOf<DecodedMessage>().not.toExtend<ChatMessage>();
  });
});

describe("ChatMessage", () => {
  it("is the seed's envelope, field by field", () => {
    expectTypeOf<ChatMessage>().toEqualTypeOf<{
      id: string;
      type: "message" | "typing" | "error" | "tool_call" | "tool_result" | "system";
      role: "user" | "assistant" | "system";
      content: string;
      metadata?: Record<string, unknown>;
      timestamp: number;
    }>();
  });
});

describe("ChatError", () => {
  it("has a code that a switch can be exhaustive over", () => {
    expectTypeOf<protocol.ChatError["code"]>().toEqualTypeOf<protocol.ChatErrorCode>();
    expectTypeOf<protocol.ChatErrorCode>().toEqualTypeOf<keyof typeof protocol.ERROR_CODES | `x-${string}`>();
    expectTypeOf<protocol.ChatError["name"]>().toEqualTypeOf<"ChatError">();
    expectTypeOf<protocol.ChatError>().toExtend<Error>();
    expectTypeOf<ChatErrorOptions>().toExtend<{ inReplyTo?: string | undefined; retryAfterMs?: number | undefined }>();
    expectTypeOf<CloseReason>().toEqualTypeOf<keyof typeof protocol.CLOSE_CODES>();
  });
});

describe("the frames", () => {
  it("are distinguished by their type", () => {
    type Request = NextFrame | HistoryRequestFrame | AuthRequestFrame | CancelRequestFrame | AwaitRequestFrame;
    type Control = PingFrame | PongFrame | Request;
    expectTypeOf<ClientFrame>().toEqualTypeOf<ClientEnvelope | Control>();
    expectTypeOf<Extract<ServerFrame, { type: "hello" }>>().toEqualTypeOf<HelloFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "ack" }>>().toEqualTypeOf<AckFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "page" }>>().toEqualTypeOf<PageFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "history" }>>().toEqualTypeOf<HistoryFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "auth" }>>().toEqualTypeOf<AuthFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "stream" }>>().toEqualTypeOf<StreamFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "delta" }>>().toEqualTypeOf<DeltaFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "cancelled" }>>().toEqualTypeOf<CancelledFrame>();
    expectTypeOf<Extract<ServerFrame, { type: "over" }>>().toEqualTypeOf<OverFrame>();
    expectTypeOf<SequencedMessage["seq"]>().toEqualTypeOf<number>();
    expectTypeOf<HelloFrame["identity"]>().toEqualTypeOf<Author>();
    expectTypeOf<HelloFrame["limits"]>().toEqualTypeOf<AnnouncedLimits>();
    expectTypeOf<Dialect>().toEqualTypeOf<"plain" | "v1">();
  });

  it("are literal where they are fixed byte for byte", () => {
    expectTypeOf<typeof protocol.PING_FRAME>().toEqualTypeOf<'{"type":"ping"}'>();
    expectTypeOf<typeof protocol.PONG_FRAME>().toEqualTypeOf<'{"type":"pong"}'>();
  });
});

describe("the protocol entry", () => {
  it("exports these values and no others", () => {
    const names = "CLOSE_CODES ChatError ERROR_CODES PING_FRAME PONG_FRAME SUBPROTOCOL_PLAIN";
    const rest = "SUBPROTOCOL_TOKEN_PREFIX SUBPROTOCOL_V1 createMessageId decodeMessage encodeMessage";
    expect(Object.keys(protocol).sort()).toEqual(`${names} ${rest}`.split(" "));
  });
});
