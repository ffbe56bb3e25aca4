import type { Place } from "../../core/span.ts";
import type { LostBuilder } from "../../simulate/builder-of.ts";
import type { Feature } from "../../simulate/driver-checks.ts";
import { factsOf, type RefusedBuild, refusedBuild, type WhyNoBuilder } from "../refused-build.ts";
import type { BuildEvent, Rule, RuleMeta, Told } from "../rule.ts";
import { causeOf, refusalMessage } from "./refusal-words.ts";
import { waysOut } from "./ways-out.ts";

/** What the docker driver lacks, and a builder of another driver has. */
const OF_DRIVER: Partial<Record<Feature, string>> = {
  "several-platforms": "driver-without-multi-platform",
  "cache-export": "driver-without-cache-export",
  attestations: "driver-without-attestations",
  "oci-exporter": "driver-without-exporter",
  "docker-exporter": "driver-without-exporter",
  "push-by-digest": "driver-without-push-by-digest",
};

/** Where the cause is plain, the rule of the cause. */
const OF_CAUSE: Partial<Record<WhyNoBuilder["kind"] | LostBuilder["why"], string>> = {
  later: "builder-made-too-late",
  skipped: "builder-under-other-condition",
  "other-job": "builder-in-other-job",
  "driver-docker": "docker-driver-chosen",
  named: "docker-driver-chosen",
  "context-changed": "builder-lost-by-context",
  "docker-build": "docker-build-ignores-builder",
  "not-used": "builder-not-chosen",
  "other-chosen": "builder-not-chosen",
};

/** The rule that tells of a refused build: of its cause where that is plain, else of what is lacking. Undefined where it is another matter than the driver's. */
export function ruleOfRefusal({ refusal, why }: RefusedBuild): string | undefined {
  const lacking = OF_DRIVER[refusal.feature];
  if (lacking === undefined) return undefined;
  return OF_CAUSE[why.kind === "lost" ? why.lost.why : why.kind] ?? lacking;
}

/** A rule that tells of builds which the docker driver refuses, and of which {@link ruleOfRefusal} names it. */
export const refusalRule = (meta: Omit<RuleMeta, "severity" | "confidence" | "fix">): Rule => ({
  meta: { ...meta, severity: "error", confidence: "certain", fix: "sometimes" },
  build(at, report) {
    const refused = refusedBuild(at);
    if (refused === undefined || ruleOfRefusal(refused) !== meta.id) return;
    report(refusalTold(refused, refusalMessage(refused), causeOf(refused), () => waysOut(refused)));
  },
});

/** A refused build, told at its own place with all that is known of it. */
export const refusalTold = (refused: RefusedBuild, message: string, cause: string, remedies: Told["remedies"]): Told => ({
  message,
  place: placeOf(refused.at),
  // Under several events a build may be refused for one reason or another: the cause is one as long as the rule is.
  key: "",
  confidence: refused.confidence,
  facts: factsOf(refused),
  log: refused.refusal.log,
  cause,
  remedies: remedies ?? [],
});

/** All targets of a bake file meet the same builder: the step is what has to change. */
function placeOf({ build, event }: BuildEvent): Place {
  if (build.name === undefined) return build.place;
  const { step, place } = event.step;
  return { file: place.file, span: (step.uses?.scalar ?? step.run)?.span ?? step.node.span };
}
