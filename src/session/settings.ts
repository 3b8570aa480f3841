import type { OptionsOf } from "../protocol/options.js";
import type { ChatOptions, SESSION_OPTIONS, toSettings } from "../server/options.js";

/** Options of `ChatSessionDO`, given to `super(state, env, options)`. */
export interface ChatSessionDOOptions extends ChatOptions, OptionsOf<typeof SESSION_OPTIONS> {}

/** The same, checked and with their defaults. */
export type SessionSettings = ReturnType<typeof toSettings>;
