import type { LostBuilder, ResolvedBuilder } from "../../simulate/builder-of.ts";
import type { Feature } from "../../simulate/driver-checks.ts";
import { platformCount } from "../../simulate/platform-count.ts";
import { shownText } from "../../simulate/text.ts";
import { eventsOf } from "../../simulate/trace.ts";
import type { RefusedBuild, WhyNoBuilder } from "../refused-build.ts";
import type { BuildEvent } from "../rule.ts";

const CANNOT: Partial<Record<Feature, string>> = {
  "cache-export": "export the build's cache",
  attestations: "attach the provenance or SBOM that is asked for",
  "oci-exporter": "write an OCI archive",
  "docker-exporter": "write an archive of the image",
  "push-by-digest": "push an image by its digest alone",
};

/** What the docker driver cannot do, and why no other builder does: a message. */
export function refusalMessage(refused: RefusedBuild): string {
  const { least, most } = platformCount(refused.at.build.platforms);
  const what = CANNOT[refused.refusal.feature] ?? `build ${least === most ? least : "several"} platforms at once`;
  return `the docker driver cannot ${what}, and ${whyText(refused)}`;
}

function whyText({ why, resolved, at }: RefusedBuild): string {
  if (why.kind === "later") return "the step that makes another builder comes later";
  if (why.kind === "skipped") return "the step that makes another builder is skipped";
  if (why.kind === "other-job") return `the builder of job "${why.job}" is not there in this one`;
  if (why.kind === "driver-docker") return "`driver: docker` asks for it";
  if (why.kind === "named") return `the build names it: "${shownText(why.name)}"`;
  return why.kind === "lost" ? LOST[why.lost.why].message : `no step sets up another builder${forDockerOf(at, resolved)}`;
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
  return `${lacking} ${why.kind === "lost" ? LOST[why.lost.why].cause : CAUSES[why.kind]}`;
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

const LOST: Readonly<Record<LostBuilder["why"], { readonly message: string; readonly cause: string }>> = {
  "context-changed": {
    message: "the builder that was set up is lost since the Docker context changed",
    cause: "Buildx remembers the chosen builder for one Docker context; a step changed the context since, and so the choice does not count any more.",
  },
  "docker-build": {
    message: "`docker build` does not take the builder that was set up",
    cause: "`docker buildx build` would take the builder that was chosen, but plain `docker build` takes the daemon's own unless it is told otherwise.",
  },
  "not-used": {
    message: "the builder that was made is not chosen",
    cause: "A step made another one, but a builder that is made is not used before it is chosen.",
  },
  "other-chosen": {
    message: "the builder that was made is not the one that is chosen",
    cause: "A step made another one, but it is not the one that is chosen.",
  },
};
