import type { KeptValue } from "./kept-value.js";
import type { Launcher } from "./launcher.js";

/** What a site says of its widget. */
export interface WidgetOptions {
  /** The worker's origin. */
  origin: string;
  room: string;
  title: string;
}

/** Where the conversation moves in when it is loaded. */
export interface Corner {
  readonly shadow: ShadowRoot;
  readonly launcher: Launcher;
  /** Whether the panel was open on the page before. */
  readonly wasOpen: KeptValue;
}
