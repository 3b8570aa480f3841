/** What the stand-in for a model is asked for: the content of a message, as JSON. */
export interface Prompt {
  /** Milliseconds until the first piece, and between two pieces. */
  firstMs: number;
  gapMs: number;
  pieces: number;
  /** Characters of each piece. */
  size: number;
  /** Seconds for which the reply is not ended after these pieces: it grows by one character in each. Default: none. */
  heldSeconds?: number;
}
