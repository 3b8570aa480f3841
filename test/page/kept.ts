import type { ChatClient as Client } from "../../src/client/index.js";
import type * as Parts from "../../src/page/index.js";

/** What a test keeps in the page from one call to the next. */
export interface Kept {
  texts: string[];
  refuses?: boolean;
  composer?: Parts.Composer;
  place?: Parts.Place;
  client?: Client;
}

/** What functions of the tests find in the page. */
declare global {
  var parts: typeof Parts;
  var ChatClient: typeof Client;
  var kept: Kept;
}
