import { exportedCaches } from "../../../simulate/cache-exports.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Study, Trace } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";
import { type CacheEntry, cacheAddress, cacheEntries } from "../cache-entries.ts";

export const rule = defineRule({
  meta: {
    id: "gha-cache-cold-on-tags",
    summary: "a build of tags reads a cache of GitHub that no run of the default branch ever writes",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["gha-ref-isolation"],
  },
  study(study, report) {
    const written = writtenElsewhere(study);
    if (written === undefined) return;
    for (const { at, entry, address } of readOnTags(study)) {
      if (written.has(address)) continue;
      report({
        message: `what this build reads of GitHub's cache is not there for a new tag`,
        place: entry.text.place,
        key: "",
        facts: [
          {
            sentence: `a run of a tag sees what was written for that tag and for the default branch, and no run of the default branch writes ${address}`,
            place: undefined,
          },
          { sentence: `this build reads "${shownText(entry.text)}"`, place: at.build.place },
        ],
        cause: "GitHub keeps caches apart by branch and tag: a tag is new each time, so that its run finds only what the default branch left",
        remedies: [
          advice("write the same cache in a workflow of the default branch", "that workflow builds the same image"),
          advice("keep the cache of releases in a registry (type=registry)", "one more image in the registry"),
        ],
        traces: [at.trace],
      });
    }
  },
});

interface Read {
  readonly at: BuildEvent;
  readonly entry: CacheEntry;
  readonly address: string;
}

function* buildsOf(study: Study, wanted: (trace: Trace) => boolean): Iterable<BuildEvent> {
  for (const trace of study.workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.traces))) {
    if (!wanted(trace)) continue;
    for (const event of trace.events) if (isBuildEvent(event) && !event.operation.onlyAsks) yield { build: event.operation, event, trace };
  }
}

const isOfTag = ({ scenario }: Trace): boolean => scenario.kind === "tag" || scenario.kind === "release";
/** Their runs may be of the default branch. */
const ELSEWHERE = new Set<string>(["default-branch", "schedule", "dispatch", "call", "other"]);

function* readOnTags(study: Study): Iterable<Read> {
  for (const at of buildsOf(study, isOfTag)) {
    if (!at.event.sure) continue;
    for (const entry of cacheEntries(at.build.cacheFrom)) {
      const address = entry.type === "gha" && entry.certain ? cacheAddress(entry) : undefined;
      const others = at.build.cacheFrom.items.length > 1 || at.build.cacheFrom.open;
      if (address !== undefined && !others) yield { at, entry, address };
    }
  }
}

/** Undefined: anything may be written. */
function writtenElsewhere(study: Study): ReadonlySet<string> | undefined {
  const written = new Set<string>();
  for (const { build, event } of buildsOf(study, ({ scenario }) => ELSEWHERE.has(scenario.kind))) {
    if (build.cacheTo.open) return undefined;
    const entries = cacheEntries(build.cacheTo);
    if (entries.length < build.cacheTo.items.length) return undefined;
    for (const entry of entries) {
      if (entry.type !== "gha") continue;
      const address = cacheAddress(entry);
      if (address === undefined) return undefined;
      if (exportedCaches(build, event.before).length > 0) written.add(address);
    }
  }
  return written;
}
