import { isRepository } from "../../core/reference.ts";

/**
 * The repository to mount from: the first of `candidates` that lies on this registry and is another one.
 * A candidate is a repository's path, or such with its registry before it.
 */
export function mountSource(registry: string, repository: string, candidates: readonly string[]): string | undefined {
  for (const candidate of candidates) {
    const slash = candidate.indexOf("/");
    const head = slash === -1 ? "" : candidate.slice(0, slash);
    const namesRegistry = /[.:]/.test(head) || head === "localhost" || head === registry;
    if (namesRegistry && head !== registry) continue;
    const path = namesRegistry ? candidate.slice(slash + 1) : candidate;
    if (isRepository(path) && path !== repository) return path;
  }
  return undefined;
}
