import { type Author, MESSAGE_TYPES, ROLES } from "../protocol/envelope.js";

export type JsonObject = Record<string, unknown>;

/** Whether a value is what it has to be. */
export type Check = (value: unknown) => boolean;

/** The fields without which an object is of no use, and what they have to be. */
export type Shape = Record<string, Check>;

export const isText: Check = (value) => typeof value === "string";
export const isNumber: Check = (value) => Number.isFinite(value);
export const isWhole: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** A seq. */
export const isPlace: Check = (value) => isWhole(value) && value !== 0;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function oneOf(...values: unknown[]): Check {
  return (value) => values.includes(value);
}

export function hasShape(shape: Shape): Check {
  return (value) => isObject(value) && Object.entries(shape).every(([field, check]) => check(value[field]));
}

const AUTHOR: Shape = { id: isText, name: optional(isText) };

export function isAuthor(value: unknown): value is Author {
  return hasShape(AUTHOR)(value);
}

export const ENVELOPE: Shape = {
  id: isText,
  type: oneOf(...MESSAGE_TYPES),
  role: oneOf(...ROLES),
  content: isText,
  timestamp: isNumber,
  metadata: optional(isObject),
};

/** Whether these are messages of the log, in its order. */
export const areInOrder: Check = (value) => {
  const isSequenced = hasShape({ ...ENVELOPE, seq: isPlace });
  return (
    Array.isArray(value) &&
    value.every((message, at) => isSequenced(message) && (at === 0 || value[at - 1].seq < message.seq))
  );
};
