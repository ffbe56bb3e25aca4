import type { Place } from "../../core/span.ts";
import { builderOf } from "../../simulate/builder-of.ts";
import { shownText } from "../../simulate/text.ts";
import type { TracedStep } from "../../simulate/trace.ts";
import { publishingOf } from "../published.ts";
import type { BuildEvent } from "../rule.ts";
import { dockerfileOf, platformsOf } from "../same-build.ts";
import type { BuildSite } from "./build-sites.ts";

/** What a release does otherwise than what was tried. */
export interface Difference {
  /** `the platforms`. */
  readonly what: string;
  readonly sentence: string;
  readonly place: Place | undefined;
  /** It is likely to hurt. */
  readonly grave: boolean;
}

/** Only what is known of both sides counts; where the tried builds differ among themselves, one that is alike is enough. */
export function differencesOf(release: BuildSite, ci: BuildSite): readonly Difference[] {
  const differs = (read: (at: BuildEvent) => string | undefined): readonly [string, string] | undefined => {
    const released = release.published.map(read);
    const tried = new Set(ci.tried.map(read));
    const [first] = tried;
    const other = released.find((one) => one !== undefined && !tried.has(one));
    return other === undefined || first === undefined || tried.has(undefined) ? undefined : [other, first];
  };
  const place = release.place;
  const found: Difference[] = [];
  const tell = (what: string, pair: readonly [string, string] | undefined, grave: boolean, at: Place | undefined = place): void => {
    if (pair !== undefined) found.push({ what, sentence: `${what}: "${pair[0]}" here, "${pair[1]}" where it is tried`, place: at, grave });
  };
  tell("the Dockerfile", differs(dockerfileOf), true);
  tell(
    "the stage",
    differs(({ build }) => (build.stage === undefined ? "(the last)" : shownText(build.stage))),
    true,
  );
  const platforms = untriedPlatforms(release, ci);
  if (platforms !== undefined) found.push({ what: "the platforms", ...platforms });
  tell("the builder", differs(driverOf), true);
  for (const action of ACTIONS)
    tell(
      `the major of ${action}`,
      differs((at) => majorOf(at, action)),
      false,
    );
  return found;
}

const ACTIONS = ["docker/build-push-action", "docker/bake-action", "docker/setup-buildx-action", "docker/setup-qemu-action"];

/** Platforms that are published and were never built before. */
function untriedPlatforms(release: BuildSite, ci: BuildSite): Omit<Difference, "what"> | undefined {
  const tried = ci.tried.map(platformsOf);
  if (tried.includes(undefined)) return undefined;
  const all = new Set(tried.flat());
  for (const at of release.published) {
    const missing = platformsOf(at)?.filter((platform) => !all.has(platform)) ?? [];
    if (missing.length === 0) continue;
    const here = publishingOf(at.build).byDigest === true ? "a job of its own builds" : "the release builds";
    return { sentence: `${here} ${missing.join(", ")}, which nothing has tried before`, place: at.build.platforms.place ?? at.build.place, grave: false };
  }
  return undefined;
}

function driverOf({ build, event }: BuildEvent): string | undefined {
  const { driver, certain } = builderOf(build, event.before);
  return certain ? driver : undefined;
}

const VERSION = /^v?(\d+)(?:\.|$)/;

/** Undefined where the step is pinned by a commit or a branch; empty where there is no such step. */
function majorOf({ trace, event }: BuildEvent, action: string): string | undefined {
  const step = trace.steps.findLast((one) => one.index <= event.step.index && one.action === action && one.runs !== "no");
  return step === undefined ? undefined : majorIn(step);
}

function majorIn({ step }: TracedStep): string | undefined {
  const ref = step.uses?.scalar.text.split("@")[1] ?? "";
  return VERSION.exec(ref.trim())?.[1];
}
