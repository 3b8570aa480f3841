/** What a `ModelError` may carry beside its text. */
export interface ModelErrorOptions {
  /** The HTTP status of the answer, where that was the error. */
  status?: number | undefined;
  /** What the provider said, or what was thrown. */
  cause?: unknown;
}

/**
 * A model's stream that failed: it was refused, it broke, it reported an error or it is not of the format that was expected. It is meant for the
 * log of your Worker. A handler that throws it, or a reply that is made of it, shows clients the generic `HANDLER_FAILED` and nothing of it.
 *
 * @example
 * try {
 *   for await (const chunk of fromAnthropic(response)) yield chunk;
 * } catch (error) {
 *   if (error instanceof ModelError && error.status === 429) throw new ChatError("x-model-busy", "Please ask again in a minute.");
 *   throw error;
 * }
 */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The HTTP status of the answer; `undefined` if the error was another. */
  readonly status: number | undefined;

  constructor(message: string, { status, cause }: ModelErrorOptions = {}) {
    super(message, { cause });
    this.status = status;
  }
}
