import { pushesSubjectLate, registryFacts } from "../../../facts/registries.ts";
import { attestationsOf } from "../../../simulate/attestations.ts";
import { attributesOf } from "../../../simulate/attributes.ts";
import { builderOf, type ResolvedBuilder } from "../../../simulate/builder-of.ts";
import type { Build } from "../../../simulate/operation.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { pushesOf } from "../pushes.ts";

export const rule = defineRule({
  meta: {
    id: "attestation-pushed-too-early",
    summary: "an attestation is pushed before the image that it is about, to a registry that wants the image first",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["oci-artifact-subject-rejected"],
  },
  build(at, report) {
    const { build, event, trace } = at;
    const push = pushesOf(event).find(({ what, asked, image }) => what === "image" && asked && registryFacts(image.host ?? "")?.wantsSubjectFirst === true);
    if (push === undefined || isToldOtherwise(at)) return;
    const resolved = builderOf(build, event.before);
    const { provenance, sbom } = attestationsOf(build, resolved, event.before);
    const attested = sbom === true || (provenance !== undefined && provenance !== "none");
    if (!attested || resolved.driver !== "docker-container" || !pushesSubjectLate(pinnedIn(resolved), trace.asOf)) return;
    const isAction = build.through === "docker/build-push-action" && build.provenance === undefined && build.sbom === undefined;
    const price = "the images carry no record of how they were built";
    report({
      message: `${push.image.host} refuses an attestation that comes before its image, as BuildKit pushes it since 0.32`,
      place: build.place,
      key: build.name ?? "",
      facts: [
        { sentence: `this goes to ${push.image.host}: "${push.image.shown}"`, place: push.text.place },
        { sentence: "its build adds attestations", place: (build.provenance ?? build.sbom)?.place ?? build.place },
        ...resolved.facts,
      ],
      log: { tool: "BuildKit", lines: ["blob unknown to registry - sha256:"] },
      cause:
        "since 0.32 an attestation names its image, and is pushed first; this registry takes nothing that names what it does not have, so each new image fails",
      remedies: [
        advice(
          "set BUILDX_NO_DEFAULT_OCI_ARTIFACT: true (Buildx newer than 0.36.1), or oci-artifact=false in `outputs`",
          "attestations are written as before 0.32",
        ),
        isAction
          ? remedy({ title: "build without attestations: provenance: false", price, safety: "unsafe" }, [addInputs(event.step.place, { provenance: false })])
          : advice("build without attestations: provenance: false", price),
      ],
    });
  },
});

/** Of `driver-opts: image=moby/buildkit:v0.31.0`; undefined where the newest stable one is taken, null where nobody knows. */
function pinnedIn({ builder }: ResolvedBuilder): string | null | undefined {
  if (builder === undefined || builder.openOptions) return null;
  const image = builder.driverOptions.get("image");
  return image === undefined ? undefined : (/:v?(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? null);
}

function isToldOtherwise({ build, event }: BuildEvent): boolean {
  const name = "BUILDX_NO_DEFAULT_OCI_ARTIFACT";
  return build.variables?.has(name) === true || event.before.variables.has(name) || saysForm(build);
}

const saysForm = ({ outputs }: Build): boolean => outputs.items.some((text) => attributesOf(text).fields.has("oci-artifact"));
