import { ChatSessionDO, chatSession, type ReplyPiece } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<CallingSession>;
}

async function* callTools(): AsyncGenerator<ReplyPiece> {
  for (const toolCallId of ["a", "b"]) {
    yield { type: "tool-input-available", toolCallId, toolName: "pay", input: { toolCallId } };
    yield { type: "tool-approval-request", toolCallId, approvalId: toolCallId };
  }
  yield { type: "finish", finishReason: "tool-calls" };
}

/** A session whose replies wait for two approvals, and take their time to go on. It is there to be killed in the middle of that. */
export class CallingSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      turnAttempts: 100,
      // The log turns over with each question.
      maxStoredMessages: 12,
      onMessage: async (_sessionId, { type }, { continues }) => {
        if (type === "message") return callTools();
        await scheduler.wait(150);
        return continues && `${continues.calls.map(({ toolCallId, approved }) => `${toolCallId}: ${approved}`)}`;
      },
    });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const room = env.CHAT_DO.getByName("room");
    const { pathname } = new URL(request.url);
    if (pathname === "/open") return Response.json(await chatSession(room).openCalls());
    if (pathname !== "/notes") return room.fetch(request);
    for (let n = 0; n < 12; n++) await chatSession(room).post({ type: "system", role: "system", content: `${n}` });
    return new Response("posted");
  },
};
