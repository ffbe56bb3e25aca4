import { formatPlatform } from "../../../../core/platform.ts";
import { clause } from "../../../../facts/clauses.ts";
import { isObject } from "../../../../image/json.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ReadDocument } from "../../../subject.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "odd-variant", summary: "a platform has a variant that its architecture does not know", severity: "warning", confidence: "certain" },
  platform(image, _subject, report) {
    const { platform, entry, manifest, config } = image;
    const said = entry === undefined ? config.fields : rawPlatform(manifest);
    const variant = isObject(said) && typeof said.variant === "string" ? (platform.variant ?? "") : "";
    const form = VARIANTS[platform.architecture];
    if (variant === "" || form?.test(variant) === true || (form === undefined && !KNOWN_WITHOUT.has(platform.architecture))) return;
    report({
      message: `${formatPlatform(platform)} has the variant ${quoted(variant)}, which ${form === undefined ? "its architecture does not have" : "nobody looks for"}`,
      at: { document: manifest.where === "" ? config.where : manifest.where },
      clause: clause("variants"),
      cause: "clients compare variants by word: no machine has this one, so none is given the image",
      remedies: [
        form === undefined ? "leave the variant out" : "write the variant that the image is built for: v6 or v7 for arm, v2 or v3 for amd64, none for arm64",
      ],
    });
  },
});

/** What containerd and the specification know; where an architecture has none, it is not here. */
const VARIANTS: Readonly<Record<string, RegExp>> = {
  arm: /^v[5-8]$/,
  arm64: /^v[89](?:\.\d)?$/,
  amd64: /^v[1-4]$/,
  ppc64le: /^power\d+$/,
  ppc64: /^power\d+$/,
  riscv64: /^rva\d+[us]64$/,
  mips: /^(?:hardfloat|softfloat)$/,
  mipsle: /^(?:hardfloat|softfloat)$/,
  mips64: /^(?:hardfloat|softfloat)$/,
  mips64le: /^(?:hardfloat|softfloat|r6)$/,
  "386": /^(?:sse2|softfloat)$/,
};
const KNOWN_WITHOUT: ReadonlySet<string> = new Set(["s390x", "loong64"]);

/** The platform as the entry has it, without what normalizing adds: `arm` is read as `arm/v7`. */
function rawPlatform({ parent, where }: ReadDocument): unknown {
  const entries: unknown = parent?.fields?.manifests;
  const entry: unknown = Array.isArray(entries) ? entries[Number(/\[(\d+)\]$/.exec(where)?.[1])] : undefined;
  return isObject(entry) ? entry.platform : undefined;
}
