import { ChatError, type ChatErrorOptions } from "../../protocol/errors.js";
import { type ChatSession, RPC_METHODS } from "./methods.js";

/** The outcome of one call. Errors travel as data, because RPC would remove their code. */
export type RpcOutcome = { value: unknown } | { error: RpcError };

interface RpcError extends ChatErrorOptions {
  code: ChatError["code"];
  message: string;
}

/** The one RPC method that a session has of ours, `workkitChat`. */
export type RpcCall = (method: string, parameters: readonly unknown[]) => Promise<RpcOutcome>;

/**
 * The session behind a Durable Object stub, with types and `ChatError`s. Each method is one RPC call. docs/reference/rpc.md
 *
 * @example
 * await chatSession(env.CHAT_DO.getByName("room-1")).post({ type: "system", role: "system", content: "Deployed." });
 */
export function chatSession(stub: DurableObjectStub): ChatSession {
  const call = async (method: string, parameters: readonly unknown[]): Promise<unknown> => {
    const remote: RpcCall = Reflect.get(stub, "workkitChat");
    const outcome = await remote(method, parameters);
    dispose(outcome);
    if ("value" in outcome) return outcome.value;
    throw new ChatError(outcome.error.code, outcome.error.message, outcome.error);
  };
  const names = Object.keys(RPC_METHODS);
  const methods = names.map((name) => [name, (...parameters: unknown[]) => call(name, parameters)] as const);
  return Object.fromEntries(methods) as ChatSession;
}

/**
 * A result that is not disposed of keeps the calling object in memory. It is plain data, and keeps its values. Not every runtime has the
 * symbol, nor have the types of this target.
 */
function dispose(result: object): void {
  const method: unknown = Reflect.get(result, Reflect.get(Symbol, "dispose") ?? "");
  if (typeof method === "function") method.call(result);
}
