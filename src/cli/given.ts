import type { Given } from "./commands.ts";

/** A flag that holds text; undefined when not given. */
export const text = (given: Given, name: string): string | undefined => (typeof given[name] === "string" ? given[name] : undefined);

/** A flag that may be given several times; empty when not given. */
export const list = (given: Given, name: string): readonly string[] => {
  const value = given[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

export const switched = (given: Given, name: string): boolean => given[name] === true;

/** Whether a flag was given at all, or stands in the environment. */
export const isGiven = (given: Given, name: string): boolean => {
  const value = given[name];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
};
