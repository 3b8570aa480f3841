import type { ReplyPart } from "../protocol/chunk.js";
import { type Author, MESSAGE_TYPES, ROLES } from "../protocol/envelope.js";
import type { SequencedMessage } from "../protocol/frames.js";

export type JsonObject = Record<string, unknown>;

/** Whether a value is as expected. */
export type Check = (value: unknown) => boolean;

/** The required fields of an object, with their checks. Other fields are ignored. */
export type Shape = Record<string, Check>;

export const isString = (value: unknown): value is string => typeof value === "string";
export const isNumber = (value: unknown): value is number => Number.isFinite(value);
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
export const isPositive = (value: unknown): value is number => isCount(value) && value > 0;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function oneOf(...values: unknown[]): Check {
  return (value) => values.includes(value);
}

/** A check for objects of a type that these fields describe. */
export function hasShape<Type>(shape: Shape): (value: unknown) => value is Type {
  return (value): value is Type =>
    isObject(value) && Object.entries(shape).every(([field, check]) => check(value[field]));
}

export const isAuthor = hasShape<Author>({ id: isString, name: optional(isString) });

export const ENVELOPE: Shape = {
  id: isString,
  type: oneOf(...MESSAGE_TYPES),
  role: oneOf(...ROLES),
  content: isString,
  timestamp: isNumber,
  metadata: optional(isObject),
};

export const isPart = hasShape<ReplyPart>({ type: isString, text: optional(isString) });
export const isPartList: Check = (value) => Array.isArray(value) && value.every(isPart);

/** Whether a value is a list of envelopes of the log, in its order. */
export const isMessageList: Check = (value) =>
  Array.isArray(value) && value.every((message, at) => isSequenced(message) && !(value[at - 1]?.seq >= message.seq));

const isSequenced = hasShape<SequencedMessage>({ ...ENVELOPE, seq: isPositive });
