"use client";

export type {
  ChatClient,
  ChatClientOptions,
  ChatDraft,
  ChatErrorInfo,
  ChatGap,
  ClientMessage,
  ClientStatus,
  CloseCause,
  TypingUser,
} from "../client/index.js";
export { type ChatConnection, useConnection } from "./connection.js";
export { type ChatFrames, type InspectedFrame, useFrames } from "./frames.js";
export { type ChatMessages, useMessages } from "./messages.js";
export { ChatProvider, type ChatProviderProps, useChatClient } from "./provider.js";
export { type ChatActions, useSend } from "./send.js";
export { useTyping } from "./typing.js";
