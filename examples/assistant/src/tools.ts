import type { TurnContext } from "@workkit/chat";
import { jsonSchema, tool } from "ai";

const NOTES = "notes";

const nothing = jsonSchema<Record<string, never>>({ type: "object", properties: {}, additionalProperties: false });
const aText = jsonSchema<{ text: string }>({
  type: "object",
  properties: { text: { type: "string", description: "The note, in the user's words." } },
  required: ["text"],
  additionalProperties: false,
});

/** The tools of the assistant: they keep notes, beside the log of the conversation. */
export function createTools({ kv }: DurableObjectStorage, once: TurnContext["once"]) {
  const notes = () => kv.get<string[]>(NOTES) ?? [];
  return {
    list_notes: tool({
      description: "Lists the notes of the user.",
      inputSchema: nothing,
      execute: async () => ({ notes: notes() }),
    }),
    add_note: tool({
      description: "Keeps a note for the user.",
      inputSchema: aText,
      // A turn that was interrupted runs again, and the model calls again. The note is there once.
      execute: ({ text }) =>
        once(`note ${text.slice(0, 200)}`, () => {
          kv.put(NOTES, [...notes(), text]);
          return { kept: text, count: notes().length };
        }),
    }),
    delete_notes: tool({
      description: "Deletes all notes of the user, for good.",
      inputSchema: nothing,
      // The user is asked first, and may answer in three weeks.
      needsApproval: true,
      execute: async () => {
        const { length } = notes();
        kv.delete(NOTES);
        return { deleted: length };
      },
    }),
  };
}
