import { atLeast } from "../../../facts/version.ts";
import type { Build } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";
import type { Event } from "../../../simulate/trace.ts";
import { removeInput } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "buildx-too-old",
    summary: "an old Buildx is pinned, and inputs that it does not know are dropped",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["buildx-version-pin-old"],
  },
  build({ build, event, trace }, report) {
    const version = event.before.buildxVersion;
    if (build.through !== "docker/build-push-action" || version === undefined) return;
    const dropped = INPUTS.find(({ since, given }) => given(build) && atLeast(version, since) === false);
    if (dropped === undefined) return;
    const setup = trace.steps.findLast(
      ({ action, index, inputs, runs }) =>
        action === "docker/setup-buildx-action" && index < event.step.index && runs !== "no" && textOf(inputs.get("version")) !== undefined,
    );
    const pin = setup?.inputs.get("version");
    report({
      message: `Buildx ${version} is too old for ${dropped.what}, which ${dropped.what.endsWith("s") ? "are" : "is"} left out`,
      place: build.place,
      confidence: sureness(event satisfies Event),
      facts:
        pin === undefined
          ? [{ sentence: `the runner has Buildx ${version}`, place: event.before.runner.fact.place }]
          : [{ sentence: `this step installs Buildx ${version}`, place: pin.place }],
      log: { tool: build.through, lines: [dropped.line] },
      cause: "The action asks Buildx for its version, and leaves out what that version does not know. The build goes on without it.",
      remedies: [
        remedy({ title: "take the newest Buildx: leave `version` out", price: "a newer Buildx may have other defaults, such as provenance" }, [
          setup === undefined ? undefined : removeInput(setup.place, "version"),
        ]),
      ],
    });
  },
});

interface Dropped {
  readonly what: string;
  /** Of Buildx. */
  readonly since: string;
  readonly given: (build: Build) => boolean;
  readonly line: string;
}

const INPUTS: readonly Dropped[] = [
  {
    what: "annotations",
    since: "0.12.0",
    given: ({ annotations }) => annotations.items.length > 0,
    line: "Annotations are only supported by buildx >= 0.12.0; the input 'annotations' is ignored.",
  },
  {
    what: "build contexts",
    since: "0.8.0",
    given: ({ buildContexts }) => buildContexts.items.length > 0,
    line: "Build contexts are only supported by buildx >= 0.8.0; the input 'build-contexts' is ignored.",
  },
  {
    what: "attestations",
    since: "0.10.0",
    given: ({ provenance, sbom, attests }) => attests.items.length > 0 || isOn(provenance) || isOn(sbom),
    line: "Attestations are only supported by buildx >= 0.10.0; the inputs 'attests', 'provenance' and 'sbom' are ignored.",
  },
];

const isOn = (text: Build["provenance"]): boolean => text !== undefined && text.parts.length > 0 && textOf(text) !== "false";
