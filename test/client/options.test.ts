import { describe, expect, it } from "vitest";
import { ChatClient, type ChatClientOptions, webStorage } from "../../src/client/index.js";

/** Takes options of any shape, as JavaScript would. */
const make = (options: object) => () => new ChatClient({ url: "wss://chat.example", ...options } as ChatClientOptions);

describe("the client's options", () => {
  it.each([
    ["maxMesages", "maxMessages"],
    ["URL", "url"],
    ["tokens", "token"],
    ["WebSocket", "webSocket"],
    ["websocket", "webSocket"],
    ["connectionTimeout", "connectTimeout"],
    ["timeout", "connectTimeout"],
    ["maxOutBox", "maxOutbox"],
    ["store", "storage"],
    ["cachedMessages", "cacheMessages"],
    ["backOff", "backoff"],
  ])("have no %s: the nearest is named, %s", (wrong, right) => {
    expect(make({ [wrong]: undefined })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: `There is no option "${wrong}". Did you mean "${right}"?`,
      }),
    );
  });

  it.each([
    ["url", [undefined, null, 7, {}]],
    ["token", [null, 7, {}]],
    ["webSocket", [null, "ws", {}]],
    ["connectTimeout", [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "10"]],
    ["maxMessages", [-1, 1.5, Number.NaN, "10", null]],
    ["maxOutbox", [-1, 1.5, Number.NaN, "10", null]],
    ["cacheMessages", [-1, 1.5, Number.NaN, "10", null]],
    ["storage", [null, "localStorage", webStorage, []]],
    ["backoff", [null, 500]],
  ])("are checked: %s", (name, values) => {
    for (const value of values) {
      expect(make({ [name]: value })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(`"${name}" must be`) }),
      );
    }
  });

  it("may be undefined, the url apart", () => {
    const names = [
      "token",
      "webSocket",
      "connectTimeout",
      "maxMessages",
      "maxOutbox",
      "storage",
      "cacheMessages",
      "backoff",
    ];
    expect(make(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow();
  });
});
