import { ChatError } from "../../src/protocol/index.js";

/** The `ChatError` that `run` throws. Anything else it throws goes on; if it returns, that is the error. */
export function refusal(run: () => unknown): ChatError {
  try {
    run();
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
  throw new Error("Expected a ChatError, but nothing was thrown. Is the input valid after all?");
}
