import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModel } from "ai";
import { createWorkersAI } from "workers-ai-provider";
import { createScriptedModel } from "./scripted-model.js";

interface ModelSettings {
  /** The id of the model; empty for the script. */
  MODEL: string;
  /** The address of an API that takes the requests of OpenAI chat completions, up to `/v1`; empty for Workers AI. */
  MODEL_URL: string;
  /** What that API takes as bearer token. */
  MODEL_KEY?: string;
  /** The binding of Workers AI. */
  AI?: Ai;
}

/** The model that the configuration names: README.md says how. */
export function chooseModel({ MODEL, MODEL_URL, MODEL_KEY, AI }: ModelSettings): LanguageModel {
  if (MODEL === "") return createScriptedModel();
  if (MODEL_URL !== "") {
    const apiKey = MODEL_KEY === undefined ? {} : { apiKey: MODEL_KEY };
    return createOpenAICompatible({ name: "configured", baseURL: MODEL_URL, ...apiKey })(MODEL);
  }
  if (AI === undefined) throw new Error("MODEL needs MODEL_URL, or the binding AI of Workers AI: see README.md.");
  return createWorkersAI({ binding: AI })(MODEL);
}
