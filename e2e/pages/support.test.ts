import { testPage } from "./flows.js";
import { SUPPORT } from "./page.js";

testPage(SUPPORT);
