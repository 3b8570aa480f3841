import { ChatError, ChatSessionDO, type MessageHandler, type ReplySource, readToken } from "@workkit/chat";
import { toModelMessages } from "@workkit/chat/ai";
import { verifyToken } from "@workkit/chat/tokens";
import { isStepCount, streamText, toUIMessageStream } from "ai";
import { chooseModel } from "./model.js";
import { createTools } from "./tools.js";

const INSTRUCTIONS = `You are a helpful assistant that keeps notes for its user. Answer in Markdown, briefly.`;
/** How many of the last envelopes the model is given. What a longer conversation costs is in the docs of the package. */
const REMEMBERED = 100;
/** How often the model is asked for one message: each time its tools have returned something. */
const MOST_STEPS = 8;

/** A conversation of one user with the assistant. */
export class Conversation extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const model = chooseModel(env);
    const onMessage: MessageHandler = async (_sessionId, { type }, { continues, history, once, stream }) => {
      if (type !== "message" && !continues) return undefined;
      const messages = toModelMessages(await history({ limit: REMEMBERED }));
      const tools = createTools(state.storage, once);
      const answer = (abortSignal: AbortSignal) => {
        const { stream } = streamText({
          model,
          tools,
          messages,
          abortSignal,
          instructions: INSTRUCTIONS,
          stopWhen: isStepCount(MOST_STEPS),
          // The user is told that it has failed, and nothing of why.
          onError: ({ error }) => console.error(error),
        });
        return toUIMessageStream({ stream }) as ReplySource;
      };
      await stream(answer, { reasoning: true, toolOutputs: true });
      return undefined;
    };
    super(state, env, {
      authenticate: async (request) => {
        const claims = await verifyToken(readToken(request), env.TOKEN_KEY);
        if (claims === undefined) throw new ChatError("FORBIDDEN", "Sign in first.");
        return { id: claims.sub, name: claims.name, expiresAt: claims.exp * 1_000 };
      },
      onMessage,
      maxStoredMessages: 1_000,
    });
  }
}
