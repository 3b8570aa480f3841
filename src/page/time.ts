const formats = new Map<string, Intl.DateTimeFormat>();

/** The time of day, in the format of the browser's user. */
export function clockOf(timestamp: number): string {
  return format(timestamp, { timeStyle: "short" }, undefined);
}

/** The whole date and time, in the language of the document: to be shown as a `title`. */
export function fullTimeOf(timestamp: number): string {
  return format(timestamp, { dateStyle: "full", timeStyle: "medium" }, pageLanguage());
}

/**
 * The name of a day, in the language of the document: "Today", "Yesterday", or its date, with the year if it is another.
 *
 * @param now default: the current time
 */
export function dayLabel(timestamp: number, now = Date.now()): string {
  const [date, today] = [new Date(timestamp), new Date(now)];
  const language = pageLanguage();
  const days = Math.round((date.setHours(12, 0, 0, 0) - today.setHours(12, 0, 0, 0)) / 86_400_000);
  if (days === 0 || days === -1) {
    const label = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
    return label.replace(/^\p{L}/u, (first) => first.toLocaleUpperCase(language));
  }
  const year = date.getFullYear() === today.getFullYear() ? {} : ({ year: "numeric" } as const);
  return format(timestamp, { weekday: "long", day: "numeric", month: "long", ...year }, language);
}

/** Calls `listener` when a day has begun: "Today" is then another. Returns a function that ends this. */
export function onNewDay(listener: () => void): () => void {
  let day = new Date().toDateString();
  const look = (): void => {
    const today = new Date().toDateString();
    if (today !== day) listener();
    day = today;
  };
  // A timer for midnight would be late after the device has slept.
  const timer = setInterval(look, 30_000);
  return () => clearInterval(timer);
}

function format(timestamp: number, options: Intl.DateTimeFormatOptions, language: string | undefined): string {
  const key = JSON.stringify([language, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, format);
  return format.format(timestamp);
}

function pageLanguage(): string | undefined {
  return globalThis.document?.documentElement.lang || undefined;
}
