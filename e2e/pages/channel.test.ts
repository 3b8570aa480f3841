import { testPage } from "./flows.js";
import { CHANNEL } from "./page.js";

testPage(CHANNEL);
