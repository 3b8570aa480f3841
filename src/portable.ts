// The entry outside workerd, where there is no Durable Object to extend.
export * from "./exports.js";
export { ChatSessionDO } from "./session/unavailable.js";
