/**
 * Docker's `daemon.json` with the containerd image store turned on, laid out as it is. `undefined` as text: a new one.
 * Undefined when it is on already, or the text is no JSON object (an expression, a mistake).
 */
export function withContainerdStore(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return print({ features: { [FEATURE]: true } }, 2);
  if (text.includes("${{")) return undefined;
  const config = parsed(text);
  if (config === undefined) return undefined;
  const { features } = config;
  if (features !== undefined && !isObject(features)) return undefined;
  if (features?.[FEATURE] === true) return undefined;
  const indent = /\n([ \t]+)"/.exec(text)?.[1];
  const next = { ...config, features: { ...features, [FEATURE]: true } };
  return indent === undefined && !text.trim().includes("\n") ? JSON.stringify(next) : print(next, indent ?? 2);
}

const FEATURE = "containerd-snapshotter";

const print = (value: object, indent: string | number): string => `${JSON.stringify(value, null, indent)}\n`;

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);
