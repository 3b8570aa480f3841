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
export type { PartRef } from "./attachment.js";
export { type ChatComposer, type ChatComposerOptions, useComposer } from "./composer.js";
export { type ChatConnection, useConnection } from "./connection.js";
export { type ChatFrames, type InspectedFrame, useFrames } from "./frames.js";
export { useDayLabel, useList } from "./list.js";
export { type ChatMessages, useMessages } from "./messages.js";
export { type ChatPlace, usePlace, useViewportFit } from "./place.js";
export { ChatProvider, type ChatProviderProps, useChatClient } from "./provider.js";
export { type ChatActions, useSend } from "./send.js";
export { useOnline, useSignOut, useTranscript } from "./signals.js";
export { type ChatLongText, useLongText, useText } from "./text.js";
export { type ChatToolCalls, useToolCalls } from "./tool-calls.js";
export { useTyping } from "./typing.js";
export { useUnread, useUnreadSignal } from "./unread.js";
export { type ChatVoice, useFocusKeeper, useVoice } from "./voice.js";
export { type ChatWhole, useWhole } from "./whole.js";
