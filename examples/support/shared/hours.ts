/*
 * When people answer, and how fast. The bot and the widget tell visitors.
 */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const OPEN_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const [OPENS, CLOSES] = [9, 17];
const TIME_ZONE = "Europe/Berlin";

/** When the desk is open, in its own time. */
export const HOURS = `Monday to Friday, ${OPENS} to ${CLOSES}`;
/** How soon people answer while the desk is open. */
export const REPLY_TIME = "within an hour";

/** The name of the desk's time, such as "GMT+1". */
export function zoneName(now: Date): string {
  const format = new Intl.DateTimeFormat("en", { timeZone: TIME_ZONE, timeZoneName: "short" });
  return format.formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** Whether the desk is open at this time, and if not, when it opens next: "today", "tomorrow" or the day, and the hour. */
export function deskState(now: Date): { isOpen: boolean; opens: string } {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: TIME_ZONE,
    weekday: "long",
    hour: "numeric",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const [today, hour] = [DAYS.indexOf(parts.get("weekday") ?? ""), Number(parts.get("hour"))];
  const opensAfter = (days: number): boolean => OPEN_DAYS.includes(DAYS[(today + days) % 7] ?? "");
  const days = opensAfter(0) && hour < OPENS ? 0 : ([1, 2, 3, 4, 5, 6, 7].find(opensAfter) ?? 0);
  const day = ["today", "tomorrow"][days] ?? DAYS[(today + days) % 7];
  return { isOpen: opensAfter(0) && hour >= OPENS && hour < CLOSES, opens: `${day} at ${OPENS}` };
}
