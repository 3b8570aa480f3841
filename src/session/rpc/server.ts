import { ChatError, textOf } from "../../protocol/errors.js";
import type { RpcOutcome } from "./client.js";
import { RPC_METHODS, type RpcHost } from "./methods.js";

/** Runs one call that came by RPC: a Worker of another release may have made it. */
export async function runRpc(host: RpcHost, name: string, parameters: readonly unknown[]): Promise<RpcOutcome> {
  try {
    const [, method] = Object.entries(RPC_METHODS).find(([key]) => key === name) ?? [];
    if (method === undefined) throw new ChatError("INVALID_OPTION", `A chat session has no method "${name}".`);
    const [first, second, third] = parameters as [never, never, never];
    return { value: await method(host, first, second, third) };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const { code, inReplyTo, retryAfterMs } = error;
    return { error: { code, message: textOf(error), inReplyTo, retryAfterMs } };
  }
}
