import type { OptionsOf } from "../protocol/options.js";
import type { DialectPolicy } from "../server/dialects/dialect.js";
import { PLAIN } from "../server/dialects/plain.js";
import { V1 } from "../server/dialects/v1.js";
import { type ChatOptions, type SESSION_OPTIONS, toSettings } from "../server/options.js";

/** Options of `ChatSessionDO`, given to `super(state, env, options)`. */
export interface ChatSessionDOOptions extends ChatOptions, OptionsOf<typeof SESSION_OPTIONS> {}

/** The options with their defaults. Of the dialects that a client offers, the first is spoken. @throws ChatError `INVALID_OPTION` */
export function toSessionSettings(options: object): SessionSettings {
  const settings = toSettings(options);
  return { ...settings, dialects: [V1, ...(settings.dialects ?? []), PLAIN] };
}

/** The same, checked and with their defaults. */
export type SessionSettings = ReturnType<typeof toSettings> & { readonly dialects: readonly DialectPolicy[] };
