import { lastAssistantMessageIsCompleteWithApprovalResponses, lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { expect, it } from "vitest";
import { chatTransport } from "../../../src/ai/react/chat-transport.js";
import { keepAnswers } from "../../../src/ai/react/kept-answers.js";
import { ShownMessages } from "../../../src/ai/react/shown-messages.js";
import { TestChat } from "../../fixtures/ai-sdk.js";
import { openCalling } from "../../fixtures/calls.js";
import { Participant } from "../../fixtures/line.js";

function openChat({ client }: Participant) {
  return new TestChat({
    id: "chat",
    transport: chatTransport(client),
    sendAutomaticallyWhen: (now) =>
      lastAssistantMessageIsCompleteWithToolCalls(now) || lastAssistantMessageIsCompleteWithApprovalResponses(now),
  });
}

const askFor = (calls: string[], needsApproval = false) => ({ text: JSON.stringify({ calls, needsApproval }) });
const statesOf = (message: { parts: object[] } | undefined) =>
  message?.parts.flatMap((part) => ("state" in part ? [part.state] : []));

it("P6: answers what the page has returned, and follows the reply that goes on", async () => {
  const { room, continued } = openCalling();
  const ann = await new Participant(room).live();
  const chat = openChat(ann);
  await chat.sendMessage(askFor(["c1", "c2"]));
  await ann.until(({ messages }) => messages.filter(({ type }) => type === "tool_call").length === 2);
  await chat.addToolOutput({ tool: "pay", toolCallId: "c1", output: { degrees: 21 } });
  await chat.addToolOutput({ tool: "pay", toolCallId: "c2", state: "output-error", errorText: "No network." });
  await chat.until(({ texts }) => texts.at(-1)?.includes("Goes on") === true);
  await chat.until(({ status }) => status === "ready");
  expect(chat.texts.at(-1)).toBe('Let me see.\n\nGoes on: {"degrees":21},No network.');
  expect(continued).toHaveLength(1);
  const [, logged] = new ShownMessages().update(ann.client.getSnapshot().messages);
  expect(logged?.parts.slice(1, 3)).toMatchObject([
    { state: "output-available", output: { degrees: 21 } },
    { state: "output-error", errorText: "No network." },
  ]);
  expect(logged?.id).toBe(chat.lastMessage?.id);
});

it("P6: tells who comes second that it was answered already, and shows the answer that counts", async () => {
  const { room, continued } = openCalling();
  const [one, two] = [await new Participant(room).live(), await new Participant(room).live()];
  const chat = openChat(one);
  await chat.sendMessage(askFor(["c1"], true));
  const { messages } = await two.until(({ messages }) => messages.some(({ type }) => type === "tool_call"));
  // What the other window answers does not arrive here before.
  one.line.inward = (frame) => (/"approved":false|"continues"/.test(frame) ? [] : [frame]);
  two.client.answer(messages.find(({ type }) => type === "tool_call")?.id ?? "", { approved: false });
  await two.until((now) => now.messages.at(-1)?.content.startsWith("Goes on") === true);
  await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
  await chat.until(({ status }) => status === "error");
  expect(chat.error?.message).toBe("This was answered already.");
  expect(continued[0]?.context.continues?.calls).toMatchObject([{ approved: false }]);
  expect(continued).toHaveLength(1);
  const shown = new ShownMessages().update(two.client.getSnapshot().messages);
  expect(statesOf(shown[1])).toEqual(["approval-responded"]);
  // A refused answer is no answer.
  const refused = new ShownMessages().update(one.client.getSnapshot().messages);
  expect(statesOf(refused[1])).toEqual(["approval-requested"]);
});

it("refuses to answer calls that are not open, and ends where others have to answer, too", async () => {
  const { room, continued } = openCalling();
  const ann = await new Participant(room).live();
  const chat = openChat(ann);
  await chat.sendMessage(askFor(["c1", "c2"], true));
  await ann.until(({ messages }) => messages.filter(({ type }) => type === "tool_call").length === 2);
  await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
  await chat.sendMessage();
  expect([chat.status, continued.length]).toEqual(["ready", 0]);
  await chat.sendMessage();
  expect([chat.status, chat.error?.message]).toEqual(["error", "None of these calls waits for an answer."]);
});

it("keeps the answers that were given to open calls until the log has them", async () => {
  const { room } = openCalling();
  const ann = await new Participant(room).live();
  const chat = openChat(ann);
  await chat.sendMessage(askFor(["c1", "c2"], true));
  const logged = new ShownMessages().update(ann.client.getSnapshot().messages);
  expect(keepAnswers(logged, logged)).toEqual(logged);
  await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
  const kept = keepAnswers(logged, chat.messages);
  expect(statesOf(kept[1])).toEqual(["approval-responded", "approval-requested"]);
  expect(kept[0]).toBe(logged[0]);
  expect(keepAnswers(logged, kept)[1]).toBe(kept[1]);
});
