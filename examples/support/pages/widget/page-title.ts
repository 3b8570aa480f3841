import { signalUnread } from "@workkit/chat/page";

/** Shows a number of unread messages in the title of somebody's page, and gives the page its own title back. */
export class PageTitle {
  #count = 0;
  #own = "";
  #shown = "";

  draw(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    // The page may have changed its title meanwhile.
    if (document.title !== this.#shown) this.#own = document.title;
    signalUnread(count, this.#own);
    this.#shown = document.title;
  }
}
