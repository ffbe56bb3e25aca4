import type { LostBuilder, ResolvedBuilder } from "../../simulate/builder-of.ts";
import { LOST_TEXT, namedText, refusalText } from "../../simulate/refusal-words.ts";
import { shownText } from "../../simulate/text.ts";
import { eventsOf } from "../../simulate/trace.ts";
import type { RefusedBuild, WhyNoBuilder } from "../refused-build.ts";
import type { BuildEvent } from "../rule.ts";

/** What will go wrong, and why no other builder does it: a message. */
export const refusalMessage = (refused: RefusedBuild): string =>
  refusalText(refused.refusal, refused.at.build, { name: refused.resolved.name, why: whyText(refused) });

function whyText({ why, resolved, at }: RefusedBuild): string {
  if (why.kind === "later") return "the step that makes another builder comes later";
  if (why.kind === "skipped") return "the step that makes another builder is skipped";
  if (why.kind === "other-job") return `the builder of job "${why.job}" is not there in this one`;
  if (why.kind === "driver-docker") return "`driver: docker` asks for it";
  if (why.kind === "named") return namedText(shownText(why.name));
  return why.kind === "lost" ? LOST_TEXT[why.lost.why] : `no step sets up another builder${forDockerOf(at, resolved)}`;
}

/** A builder of before would not do for a Docker that a step has started since. */
function forDockerOf({ trace, event }: BuildEvent, { context }: ResolvedBuilder): string {
  const started = eventsOf(trace, "start-daemon").findLast(({ operation, step }) => operation.context === context && step.index < event.step.index);
  if (started === undefined || context === undefined) return "";
  return started.step.action === undefined ? ` for Docker context "${context}"` : ` for the Docker that ${started.step.action} starts`;
}

const OWN_BUILDER = "Unless another builder is chosen, Docker's own one builds (the docker driver)";

/** Two sentences for someone who does not know about builders. */
export function causeOf({ refusal, why }: RefusedBuild): string {
  const lacking =
    refusal.feature === "push-by-digest"
      ? `${OWN_BUILDER}, and that one pushes an image only under a tag.`
      : `${OWN_BUILDER}, and with Docker's classic image store that one can keep only a plain image of one platform.`;
  return `${lacking} ${why.kind === "lost" ? LOST_CAUSES[why.lost.why] : CAUSES[why.kind]}`;
}

const CAUSES: Readonly<Record<Exclude<WhyNoBuilder["kind"], "lost">, string>> = {
  later: "The step that sets up another builder comes after the build, so it is not there yet.",
  skipped: "The step that sets up another builder has a condition of its own, which does not hold in every case in which the build runs.",
  "other-job": "Each job gets a machine of its own, so a builder that another job has made is not there.",
  "driver-docker": "With `driver: docker` setup-buildx-action makes no builder at all: it only names that one.",
  named: "It is that builder which the build names.",
  "none-made": "No step of this job sets up another.",
  "not-docker": "No step of this job sets up another.",
};

const LOST_CAUSES: Readonly<Record<LostBuilder["why"], string>> = {
  "context-changed": "Buildx remembers the chosen builder for one Docker context; a step changed the context since, and so the choice does not count any more.",
  "docker-build": "`docker buildx build` would take the builder that was chosen, but plain `docker build` takes the daemon's own unless it is told otherwise.",
  "not-used": "A step made another one, but a builder that is made is not used before it is chosen.",
  "other-chosen": "A step made another one, but it is not the one that is chosen.",
};
