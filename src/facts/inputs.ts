import data from "../../data/inputs.json" with { type: "json" };

const BOOLEANS: Readonly<Record<string, Readonly<Record<string, string>>>> = data.booleans;
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = data.renamed;

/** Inputs (in lower case) that an action reads as YAML booleans and else fails, each with the first release that does. */
export const booleanInputs = (action: string): Readonly<Record<string, string>> => (Object.hasOwn(BOOLEANS, action) ? (BOOLEANS[action] ?? {}) : {});

/** What people call an input, or what it was called in an older major → its name now. */
export function renamedInput(action: string, name: string): string | undefined {
  const names = Object.hasOwn(RENAMED, action) ? RENAMED[action] : undefined;
  return names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;
}
