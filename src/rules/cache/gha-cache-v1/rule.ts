import { GITHUB_CACHE_V1 } from "../../../facts/cache.ts";
import { atLeast } from "../../../facts/version.ts";
import type { Fact } from "../../../findings/finding.ts";
import { builderOf, type ResolvedBuilder } from "../../../simulate/builder-of.ts";
import { exportedCaches } from "../../../simulate/cache-exports.ts";
import { shownText } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { type CacheEntry, cacheEntries, ignoresErrors } from "../cache-entries.ts";

export const rule = defineRule({
  meta: {
    id: "gha-cache-v1",
    summary: "a pinned Buildx, BuildKit or Docker is too old for the cache service of GitHub, whose first version was shut down",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["gha-v1-shutdown"],
  },
  build(at, report) {
    const { build, event, trace } = at;
    if (trace.asOf < GITHUB_CACHE_V1.ended || (build.cacheTo.items.length === 0 && build.cacheFrom.items.length === 0)) return;
    const exported = exportedCaches(build, event.before).map(({ text }) => text);
    const writes = cacheEntries(build.cacheTo).filter((entry) => isGithubs(entry) && exported.includes(entry.text));
    const entry = writes[0] ?? cacheEntries(build.cacheFrom).find(isGithubs);
    if (entry === undefined) return;
    const old = tooOld(builderOf(build, event.before), at);
    if (old === undefined) return;
    const fails = writes.some((one) => ignoresErrors(one) === false);
    report({
      message: `"${shownText(entry.text)}" goes to the first version of GitHub's cache service, which ended on ${GITHUB_CACHE_V1.ended}`,
      place: entry.text.place,
      severity: fails ? "error" : "warning",
      facts: [old],
      log: { tool: "BuildKit", lines: [GITHUB_CACHE_V1.message] },
      cause: "Buildx and BuildKit speak to GitHub's cache service by themselves, and versions of before its change know only the address that was shut down",
      remedies: [advice("take the pin of the old version away, or raise it", "the build runs with a newer Buildx and BuildKit")],
    });
  },
});

const isGithubs = ({ type, fields, open, certain }: CacheEntry): boolean => type === "gha" && certain && !open && !fields.has("url") && !fields.has("url_v2");

/** What is too old, for sure; undefined when nothing is. */
function tooOld({ driver, builder, daemon, store }: ResolvedBuilder, { event: { before } }: BuildEvent): Fact | undefined {
  const { knowV2 } = GITHUB_CACHE_V1;
  const isOld = (version: string | undefined, least: string): version is string => version !== undefined && atLeast(version, least) === false;
  const image = builder?.driverOptions.get("image");
  const buildkit = image === undefined ? undefined : /^(?:docker\.io\/)?moby\/buildkit:v(\d+\.\d+\.\d+)/.exec(image)?.[1];
  if (builder !== undefined && isOld(buildkit, knowV2.buildkit)) {
    return { sentence: `this builder has BuildKit ${buildkit}, and the service of today wants ${knowV2.buildkit} or newer`, place: builder.fact.place };
  }
  if (isOld(before.buildxVersion, knowV2.buildx)) {
    const place = builder?.fact.place;
    return { sentence: `the job has Buildx ${before.buildxVersion}, and the service of today wants ${knowV2.buildx} or newer`, place };
  }
  if (driver !== "docker" || daemon === undefined || store === "unknown" || !isOld(daemon.version, knowV2.docker)) return undefined;
  return {
    sentence: `the BuildKit inside Docker ${daemon.version} is older than ${knowV2.buildkit}, which the service of today wants`,
    place: daemon.storeFact.place,
  };
}
