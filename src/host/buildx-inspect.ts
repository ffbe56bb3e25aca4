/** What `docker buildx inspect NAME` prints. */
export interface Inspected {
  /** Empty when Buildx cannot tell. */
  readonly driver: string;
  /** Why the builder could not be asked at all. */
  readonly error: string | undefined;
  readonly nodes: readonly InspectedNode[];
}

export interface InspectedNode {
  readonly name: string;
  readonly endpoint: string;
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly version: string | undefined;
  /** Without the declared ones. */
  readonly platforms: readonly string[];
  /** Those with a star. */
  readonly declared: readonly string[];
  /** Of its first worker. Undefined: this Buildx shows none (before 0.11, and where there are none). */
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/**
 * Reads it. A table for people is what every release of Buildx prints; `ls --format json` came with 0.13, and holds a lock on Buildx's folder until the slowest
 * node has answered. @see docker/buildx commands/inspect.go and its history, read 2026-11-22. @returns undefined when it is none
 */
export function parseInspect(text: string): Inspected | undefined {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trimEnd() === "Nodes:");
  const head = fieldsOf(start === -1 ? lines : lines.slice(0, start));
  if (head.get("Name") === undefined || !head.has("Driver")) return undefined;
  const nodes = start === -1 ? [] : blocksOf(lines.slice(start + 1)).map(nodeOf);
  return { driver: head.get("Driver") ?? "", error: head.get("Error"), nodes };
}

/** `Key:   value` at the line's beginning. What follows an `Error:` to the next key is part of it. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    const [, key, value] = /^([A-Z][A-Za-z#. \d]*):\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined && !found.has(key)) {
      found.set(key, (value as string).trimEnd());
      last = key;
    } else if (last === "Error" && line.trim() !== "") found.set("Error", `${found.get("Error")} ${line.trim()}`);
  }
  return found;
}

/** A node begins with its name; an error's text may hold empty lines. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const line of lines) {
    if (line.startsWith("Name:")) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return blocks;
}

function nodeOf(lines: readonly string[]): InspectedNode {
  const head = fieldsOf(lines);
  const platforms = (head.get("Platforms") ?? "").split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));
  const version = head.get("BuildKit version") ?? head.get("Buildkit");
  return {
    name: head.get("Name") ?? "",
    endpoint: head.get("Endpoint") ?? "",
    status: head.get("Status"),
    error: head.get("Error"),
    // A daemon built without its version says 0.0.0.
    version: version === undefined || /^v?0\.0\.0/.test(version) ? undefined : version.replace(/^v/, ""),
    platforms: platforms.filter((one) => !one.endsWith("*")),
    declared: platforms.filter((one) => one.endsWith("*")).map((one) => one.slice(0, -1)),
    labels: labelsOf(lines),
  };
}

function labelsOf(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const start = lines.findIndex((line) => line.trimEnd() === "Labels:");
  if (start === -1) return undefined;
  const labels = new Map<string, string>();
  for (const line of lines.slice(start + 1)) {
    const [, key, value] = /^\s+(\S+):\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) break;
    labels.set(key, (value as string).trimEnd());
  }
  return labels;
}
