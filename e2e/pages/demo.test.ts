import { testPage } from "./flows.js";
import { DEMO } from "./page.js";

testPage(DEMO);
