import { readFileSync } from "node:fs";

const folder = new URL("../../src/engine/buildkit/recordings/", import.meta.url);

/** Lines of stderr of a real `docker buildx build --progress rawjson`; names of this machine were replaced, times and sizes kept. */
export const recorded = (name: string): readonly string[] =>
  readFileSync(new URL(`${name}.jsonl`, folder), "utf8")
    .split("\n")
    .slice(0, -1);

/** The same of builds that failed, without what went well before: name → lines. */
export function recordedFailures(): ReadonlyMap<string, readonly string[]> {
  const parts = readFileSync(new URL("failures.txt", folder), "utf8").split(/^## /m).slice(1);
  return new Map(parts.map((part) => part.split("\n").slice(0, -1)).map(([name, ...lines]) => [name as string, lines]));
}
