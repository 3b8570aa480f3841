export * from "./exports.js";
export { ChatSessionDO } from "./session/durable-object.js";
