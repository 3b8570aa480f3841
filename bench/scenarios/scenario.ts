/** What a stand-in for a model is to say. It is the text of the user's message, as JSON. */
export interface Scenario {
  words: number;
  gapMs: number;
  /** Bytes of each read of the model's answer. Default: an event is a read. */
  cut?: number;
  /** Makes the message one of its own. */
  name?: string;
}
