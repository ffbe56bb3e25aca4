import { parsePlatform } from "../../../core/platform.ts";
import { runsNatively } from "../../../simulate/emulation.ts";
import { shownText } from "../../../simulate/text.ts";
import { eventsOf, type JobStudy, type Trace, type WorkflowStudy } from "../../../simulate/trace.ts";
import { platformsOf } from "../../image/built-platforms.ts";
import { pushesIn } from "../../registry/pushes.ts";
import { isBuildEvent } from "../../rule.ts";
import type { RunnersChange } from "./change.ts";

/**
 * Why a workflow does not do what it did, with other runners, as far as the simulation tells; undefined when it does: in every scenario the same
 * tags are made of the same platforms, with the log-ins that there were. Spread over runners, each platform is built by itself, and on a machine
 * that runs it, but for those in `emulated`.
 */
export function disproof(
  before: WorkflowStudy,
  after: WorkflowStudy | undefined,
  { jobs: wereOrAre, job }: RunnersChange,
  spread: boolean,
): string | undefined {
  const were = spread ? [job] : wereOrAre;
  const are = spread ? wereOrAre : [job];
  if (after === undefined) return "the workflow could not be read after it";
  const [old, now] = [jobsOf(before, were), jobsOf(after, are)];
  if (now.length !== are.length || now.some(({ traces, cut }) => traces.length === 0 || cut)) return "the simulation could not follow the new jobs";
  const scenarios = new Set([...old, ...now].flatMap(({ traces }) => traces.map(({ scenario }) => scenario.id)));
  for (const id of scenarios) {
    const [past, present] = [publishedIn(old, id), publishedIn(now, id)];
    const missing = [...past].find((one) => !present.has(one)) ?? [...present].find((one) => !past.has(one));
    if (missing !== undefined) return `"${missing}" would not be published as it was on ${sentenceOf([...old, ...now], id)}`;
    const lost = [...logInsIn(old, id)].find((registry) => !logInsIn(now, id).has(registry));
    if (lost !== undefined) return `the log-in to "${lost}" would be missing on ${sentenceOf([...old, ...now], id)}`;
  }
  return spread ? emulatedStill(now) : undefined;
}

const jobsOf = ({ jobs }: WorkflowStudy, ids: readonly string[]): readonly JobStudy[] => ids.flatMap((id) => jobs.filter(({ job }) => job.id.text === id));

const sentenceOf = (jobs: readonly JobStudy[], id: string): string =>
  jobs.flatMap(({ traces }) => traces).find(({ scenario }) => scenario.id === id)?.scenario.sentence ?? id;

const tracesIn = (jobs: readonly JobStudy[], id: string): readonly Trace[] => jobs.flatMap(({ traces }) => traces.filter(({ scenario }) => scenario.id === id));

/** `name for platforms`, of what is pushed under a name; what is pushed by digest counts for the names that an index is made under. */
function publishedIn(jobs: readonly JobStudy[], id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const parts = new Set<string>();
  const joined = new Set<string>();
  for (const trace of tracesIn(jobs, id)) {
    for (const { event, text, what, byDigest } of pushesIn(trace)) {
      if (what === "cache") continue;
      const platforms = isBuildEvent(event) ? (platformsOf(event.operation, trace) ?? ["unknown platforms"]) : [];
      if (what === "index") joined.add(plainly(shownText(text)));
      else if (byDigest === true) for (const platform of platforms) parts.add(platform);
      else found.add(`${plainly(shownText(text))} for ${platforms.join(", ")}`);
    }
  }
  for (const name of joined) found.add(`${name} for ${[...parts].sort().join(", ")}`);
  return found;
}

/** `${{ format('ghcr.io/{0}:main', github.repository) }}` as `ghcr.io/${{ github.repository }}:main`: two ways to write one text. */
const plainly = (text: string): string =>
  text.replace(/\$\{\{ format\('([^']*)', ([^()']+)\) \}\}/g, (_, pattern: string, given: string) => {
    const values = given.split(/,\s*/);
    return pattern.replace(/\{(\d+)\}/g, (hole, index: string) => (values[Number(index)] === undefined ? hole : `\${{ ${values[Number(index)]} }}`));
  });

/** Registries whose log-in is there wherever something is pushed. */
function logInsIn(jobs: readonly JobStudy[], id: string): ReadonlySet<string> {
  const sets = tracesIn(jobs, id).flatMap((trace) =>
    pushesIn(trace).flatMap(({ what, event }) =>
      what === "cache" ? [] : [new Set(event.before.logins.map(({ registry, works }) => `${shownText(registry)}${works === false ? " (withheld)" : ""}`))],
    ),
  );
  const [first, ...others] = sets;
  return new Set([...(first ?? [])].filter((one) => others.every((each) => each.has(one))));
}

/** A build of a spread job that is not of one platform, or whose platform would run on another runner. */
function emulatedStill(jobs: readonly JobStudy[]): string | undefined {
  for (const trace of jobs.flatMap(({ traces }) => traces)) {
    for (const { operation } of eventsOf(trace, "build")) {
      const [platform, ...others] = platformsOf(operation, trace) ?? [];
      if (platform === undefined || others.length > 0) return "a row would build several platforms, or nobody knows which";
      const { architecture } = trace.start.runner;
      const parsed = parsePlatform(platform);
      if (architecture !== parsed.architecture && (parsed.architecture === "amd64" || parsed.architecture === "arm64"))
        return `${platform} would still be built on a runner with ${architecture ?? "an unknown processor"}`;
      if (
        architecture === undefined ||
        (runsNatively(architecture, parsed) === true) !== (architecture === parsed.architecture || parsed.architecture === "386")
      )
        return `nobody knows how ${platform} would be run`;
    }
  }
  return undefined;
}
