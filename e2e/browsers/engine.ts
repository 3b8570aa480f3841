/** What an engine can do with one tab. All that tests do is made of this. */
export interface EngineTab {
  goto(address: string): Promise<void>;
  reload(): Promise<void>;
  /** The value of a JavaScript expression in the page; a promise is awaited, and what has no JSON is undefined or null. */
  evaluate(expression: string): Promise<unknown>;
  /** Moves the mouse to a place of the window, in CSS pixels, and clicks. */
  clickAt(x: number, y: number): Promise<void>;
  /** Types a text with the keyboard, into what has the focus. */
  type(text: string): Promise<void>;
  /** Presses one key, with those before it held down: `["Shift", "Tab"]`. */
  press(keys: readonly string[]): Promise<void>;
  /** A picture of the window, as PNG. */
  screenshot(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Cookies and storage that belong together, as those of one person. */
export interface EngineProfile {
  newTab(): Promise<EngineTab>;
  close(): Promise<void>;
}

/** A running browser. */
export interface EngineBrowser {
  /** The ids of the processes from which all of its processes descend. */
  roots(): number[];
  newProfile(): Promise<EngineProfile>;
  close(): Promise<void>;
}

/** One of the browser engines. */
export interface Engine {
  readonly name: "Chromium" | "Firefox" | "WebKit";
  launch(): Promise<EngineBrowser>;
}

/** The size of each window, in CSS pixels. */
export const WINDOW = { width: 1280, height: 900 };
