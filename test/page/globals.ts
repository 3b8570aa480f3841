import { ChatClient } from "../../src/client/index.js";
import * as parts from "../../src/page/index.js";
import type { Kept } from "./kept.js";

const kept: Kept = { texts: [] };
Object.assign(globalThis, { parts, ChatClient, kept });
