const START = /^\{"(?:vertexes|statuses|logs|warnings)":/;

/**
 * The lines that `--progress=plain` would print for a line of `--progress=rawjson`; undefined when it is none.
 * Digests stand where plain progress has numbers.
 */
export function plainLines(line: string): readonly string[] | undefined {
  if (line.charCodeAt(0) !== 0x7b || !START.test(line)) return undefined;
  let status: unknown;
  try {
    status = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { vertexes, logs, warnings } = status as Record<string, unknown>;
  return [...listOf(vertexes).flatMap(vertexLines), ...listOf(logs).flatMap(logLines), ...listOf(warnings).flatMap(warningLines)];
}

type Fields = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter((item): item is Fields => typeof item === "object" && item !== null) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function vertexLines({ digest, name, error }: Fields): string[] {
  const key = textOf(digest);
  if (key === "") return [];
  const head = textOf(name) === "" ? [] : [`#${key} ${textOf(name)}`];
  return textOf(error) === "" ? head : [...head, `#${key} ERROR: ${textOf(error)}`];
}

function logLines({ vertex, data }: Fields): string[] {
  const text = new TextDecoder().decode(Uint8Array.from(binary(textOf(data)), (character) => character.charCodeAt(0)));
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => `#${textOf(vertex)} 0.0 ${line}`);
}

function warningLines({ vertex, short }: Fields): string[] {
  const text = binary(textOf(short));
  return text === "" ? [] : [`#${textOf(vertex)} WARN: ${text}`];
}

function binary(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}
