"use client";

export { chatTransport, type SendRequest, type SessionTransport } from "./chat-transport.js";
export { type MessageHolder, useSessionMessages } from "./session-messages.js";
