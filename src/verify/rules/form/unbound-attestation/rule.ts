import { clause } from "../../../../facts/clauses.ts";
import { isForNoPlatform } from "../../../read/candidates.ts";
import { defineImageRule, type ImageTold } from "../../../rule.ts";
import type { Attestation, Subject } from "../../../subject.ts";
import { shortDigest } from "../places.ts";

export const rule = defineImageRule({
  meta: {
    id: "unbound-attestation",
    summary: "an attestation is about no image of the index, or could be taken for an image itself",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    for (const attestation of subject.attestations) {
      const { document } = attestation;
      if (document.parent === undefined) continue;
      const at = { document: document.where };
      const unbound = fault(attestation, subject);
      if (unbound !== undefined) report({ ...unbound, at, clause: clause("attestation") });
      const { platform } = document.descriptor;
      if (platform === undefined || !isForNoPlatform(document.descriptor)) {
        report({
          message:
            platform === undefined
              ? "an attestation is listed without the platform unknown/unknown"
              : `an attestation is listed for ${platform.os}/${platform.architecture}`,
          at,
          clause: clause("attestation"),
          cause: "unknown/unknown keeps clients from pulling an attestation in place of an image",
          remedies: ['write "platform": { "os": "unknown", "architecture": "unknown" } into its entry'],
        });
      }
    }
  },
});

function fault({ of, document }: Attestation, subject: Subject): ImageTold | undefined {
  const subjectDigest = document.manifest?.subject?.digest;
  if (of === undefined) {
    return {
      message: "an attestation does not say which image it is about",
      cause: "nobody finds the provenance or SBOM of an image by it",
      remedies: ["put the index together with docker buildx imagetools create, which keeps the annotations of its entries"],
    };
  }
  const known = (digest: string): boolean => subject.documents.some(({ descriptor }) => descriptor.digest === digest);
  const wrong = [of, subjectDigest].find((digest) => digest !== undefined && !known(digest));
  if (wrong !== undefined) {
    return {
      message: `an attestation is about ${shortDigest(wrong)}, which the index does not have`,
      cause: "the image was exchanged after it was attested, or left out: its provenance and SBOM are for another one",
      remedies: [
        "put the index together from the images as they were built, each with its attestation",
        "build with --provenance=false --sbom=false where none are wanted",
      ],
    };
  }
  if (subjectDigest === undefined || subjectDigest === of) return undefined;
  return {
    message: `an attestation names ${shortDigest(of)} in its entry and ${shortDigest(subjectDigest)} as its subject`,
    cause: "tools that go by the one find another image than those that go by the other",
    remedies: ["build the image again: BuildKit writes both the same"],
  };
}
