import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
} from "ai";

/** When `useChat` sends answers by itself: once all calls have one. */
export function sendAutomaticallyWhen(now: { messages: UIMessage[] }): boolean {
  return lastAssistantMessageIsCompleteWithToolCalls(now) || lastAssistantMessageIsCompleteWithApprovalResponses(now);
}
