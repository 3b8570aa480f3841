import { createChatTransport } from "../../src/index.js";
import { echo } from "./reply.js";

const transport = createChatTransport({
  onMessage: async (_sessionId, { content }) => echo(content),
  rateLimit: false,
  byteRateLimit: false,
  workLimit: false,
});

export default { fetch: (request: Request) => transport.handleUpgrade(request, "room") };
