import { isDigest } from "../../../../core/digest.ts";
import { clause } from "../../../../facts/clauses.ts";
import { type Fields, isObject } from "../../../../image/json.ts";
import type { ImagePlace } from "../../../finding.ts";
import { defineImageRule, type ImageReporter } from "../../../rule.ts";
import { documentPlace } from "../places.ts";
import { isReadableTime } from "../times.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "malformed-annotation",
    summary: "an annotation or label of OCI does not have the form that its name asks for",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      const at = documentPlace(document, subject);
      check(document.fields?.annotations, "annotation", at, report, told);
      const entries: readonly unknown[] = Array.isArray(document.fields?.manifests) ? document.fields.manifests : [];
      for (const [i, entry] of entries.entries())
        if (isObject(entry))
          check(entry.annotations, "annotation", { document: `${document.where === "" ? "" : `${document.where} `}manifests[${i}]` }, report, told);
    }
    for (const { name, config } of subject.images) check(config.value?.config?.Labels, "label", { platform: name, document: config.where }, report, told);
  },
});

const PREFIX = "org.opencontainers.image.";
const FORMS: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly wanted: string }>> = {
  created: { fits: isReadableTime, wanted: "a time as RFC 3339 has it, 2026-01-31T12:00:00Z" },
  "base.digest": { fits: isDigest, wanted: 'a digest, "sha256:" and 64 lower-case hex digits' },
};
const DEFINED = new Set(
  "created authors url documentation source version revision vendor licenses ref.name title description base.digest base.name".split(" "),
);

function check(values: unknown, kind: "annotation" | "label", at: ImagePlace, report: ImageReporter, told: Set<string>): void {
  if (!isObject(values)) return;
  for (const [key, value] of Object.entries(values as Fields)) {
    if (!key.startsWith(PREFIX) || typeof value !== "string") continue;
    const name = key.slice(PREFIX.length);
    const form = FORMS[name];
    // A label that is empty takes back one of the base.
    if (told.has(`${kind} ${key} ${value}`) || (kind === "label" && value === "")) continue;
    if (form !== undefined && !form.fits(value)) {
      told.add(`${kind} ${key} ${value}`);
      report({
        message: `the ${kind} "${key}" is ${quoted(value)}, wanted ${form.wanted}`,
        at,
        clause: clause("annotation-keys"),
        cause: "registries, scanners and updaters read these names, and pass over what they cannot read",
        remedies: [`write ${form.wanted}`],
      });
    } else if (kind === "annotation" && !DEFINED.has(name)) {
      told.add(`${kind} ${key} ${value}`);
      report({
        severity: "info",
        message: `the annotation "${key}" is none that the specification defines`,
        at,
        clause: clause("annotations"),
        cause: `names that begin with "${PREFIX}" are reserved: nobody looks for this one, and a later version may mean something else by it`,
        remedies: ["take a name of your own domain: com.example.build"],
      });
    }
  }
}
