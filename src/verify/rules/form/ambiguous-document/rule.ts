import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule, type ImageTold } from "../../../rule.ts";
import type { ReadDocument } from "../../../subject.ts";
import { isBoth } from "../document-faults.ts";
import { doubtfulNames } from "../member-names.ts";
import { called, documentPlace } from "../places.ts";
import { listed, quoted } from "../words.ts";

const SHOWN = 5;

export const rule = defineImageRule({
  meta: {
    id: "ambiguous-document",
    summary: "an index or manifest means one thing to one client and another to the next",
    severity: "error",
    confidence: "certain",
  },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      if (told.has(document.descriptor.digest)) continue;
      told.add(document.descriptor.digest);
      for (const one of [both(document), ...names(document)]) if (one !== undefined) report({ ...one, at: documentPlace(document, subject) });
    }
  },
});

function both(document: ReadDocument): ImageTold | undefined {
  if (document.fields === undefined || !isBoth(document.fields)) return undefined;
  return {
    message: `${called(document)} has the fields of an index and of an image manifest`,
    facts: ["its digest is the same for both readings, so a signature covers both (CVE-2021-41190)"],
    clause: clause("media-type-conflicts"),
    cause: "what is pulled depends on who reads it: one client takes the index, another the manifest; those that know of it refuse",
    remedies: ['keep either "manifests" or "config" and "layers"'],
  };
}

function names(document: ReadDocument): ImageTold[] {
  const { bytes, fields } = document;
  if (bytes === undefined || fields === undefined) return [];
  const found = doubtfulNames(Buffer.from(bytes).toString("utf8"));
  return (["twice", "letters"] as const).flatMap((kind): ImageTold[] => {
    const ways = found.filter((one) => one.kind === kind).map(({ way }) => quoted(way));
    if (ways.length === 0) return [];
    const shown = listed(ways.slice(0, SHOWN));
    return [
      {
        message: kind === "twice" ? `${called(document)} holds ${shown} twice` : `${called(document)} writes ${shown} in other letters than the specification`,
        clause: clause("manifest"),
        cause:
          kind === "twice"
            ? "some JSON readers take the first of two, some the last: the image differs by client"
            : "readers in Go take a name in any letters, others only as it is specified: for these it is not there",
        remedies: ["write each name once, as the specification does"],
      },
    ];
  });
}
