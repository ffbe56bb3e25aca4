import { isProblem } from "../../../core/problem.ts";
import { parseReference } from "../../../core/reference.ts";
import { ANONYMOUS_REGISTRIES } from "../../../facts/cache.ts";
import { shownText, textOf } from "../../../simulate/text.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { type CacheEntry, cacheEntries, ignoresErrors } from "../cache-entries.ts";

export const rule = defineRule({
  meta: {
    id: "fork-writes-cache",
    summary: "a pull request from a fork exports its cache to a registry, where it may not write",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["fork-pr-cache-write"],
  },
  build(at, report) {
    const { build, event, trace } = at;
    if (trace.scenario.kind !== "fork" || trace.scenario.trigger.event !== "pull_request" || publishingOf(build).pushes !== false) return;
    const entry = cacheEntries(build.cacheTo).find(({ type, fields }) => type === "registry" && fields.get("ref") !== undefined);
    const registry = entry && registryOf(entry);
    if (entry === undefined || registry === undefined || ignoresErrors(entry) !== false || mayWrite(registry, at)) return;
    report({
      message: `a pull request from a fork may not write its cache to ${registry}`,
      place: entry.text.place,
      confidence: event.sure && entry.certain ? "certain" : "likely",
      facts: [
        { sentence: `the build exports "${shownText(entry.text)}", also when it pushes nothing`, place: entry.text.place },
        registry === "ghcr.io"
          ? { sentence: "GITHUB_TOKEN of a pull request from a fork may only read", place: undefined }
          : { sentence: `no step before logs in to ${registry}, for a fork is given no secrets`, place: undefined },
      ],
      log: DENIED.has(registry) ? { tool: "BuildKit", lines: [DENIED.get(registry) as string] } : undefined,
      cause: "GitHub gives pull requests from forks no secrets and a token that only reads: the export of the cache is refused, and the build fails with it",
      remedies: [
        advice(
          "export the cache only when `github.event_name != 'pull_request'`, and nothing otherwise: `cache-to` may be empty",
          "pull requests read the cache and do not renew it",
        ),
        advice("add ignore-error=true to `cache-to`", "a cache that could not be written is not noticed elsewhere either"),
      ],
    });
  },
});

/** What these registries answer, as BuildKit passes it on. */
const DENIED: ReadonlyMap<string, string> = new Map([
  ["ghcr.io", "denied: installation not allowed to Write organization package"],
  ["docker.io", "push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"],
]);

function registryOf({ fields }: CacheEntry): string | undefined {
  try {
    const { registry } = parseReference(fields.get("ref") ?? "");
    return /^(?:localhost|127\.|\[)/.test(registry) || /:\d+$/.test(registry) || ANONYMOUS_REGISTRIES.has(registry) ? undefined : registry;
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** A fork has no secrets: a log-in that works without one is of the token that only reads, or by a way that nobody knows. */
function mayWrite(registry: string, { event: { before } }: BuildEvent): boolean {
  if (before.doubts.length > 0 || before.runner.kind !== "hosted") return true;
  const logins = before.logins.filter((login) => (textOf(login.registry) ?? registry) === registry);
  return registry === "ghcr.io" ? logins.some(({ works }) => works === false) : logins.length > 0;
}
