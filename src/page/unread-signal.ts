/**
 * Shows a number of unread messages in the title of the page and, where the platform has one, on the badge of the application.
 *
 * @param title the title without a number
 *
 * @example
 * unread.subscribe(() => signalUnread(unread.getSnapshot().count, "Support"));
 */
export function signalUnread(count: number, title: string): void {
  document.title = count > 0 ? `(${count > 99 ? "99+" : count}) ${title}` : title;
  // Not allowed where the page is not installed, in some browsers.
  navigator.setAppBadge?.(count).catch(() => undefined);
}
