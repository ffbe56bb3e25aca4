import type { Complaint } from "../core/complaint.ts";
import type { Finding } from "./finding.ts";
import { SYNTAX_RULE } from "./own-rules.ts";

/** Mistakes of files as findings, so that every format shows them. Those at a place of which a rule tells an error are left out: it tells more. */
export function complaintFindings(complaints: readonly Complaint[], findings: readonly Finding[]): readonly Finding[] {
  const told = new Set(findings.filter((finding) => finding.severity === "error").map(({ place }) => placeKey(place.file.name, place.span.start)));
  return complaints
    .filter(({ place }) => !told.has(placeKey(place.file.name, place.span.start)))
    .map((complaint) => ({
      rule: SYNTAX_RULE,
      severity: complaint.severity === "note" ? "info" : complaint.severity,
      confidence: "certain",
      message: complaint.message,
      place: complaint.place,
      facts: [],
      when: { always: true, scenarios: [], rows: [], condition: undefined },
      log: undefined,
      cause: "",
      remedies: complaint.hint === undefined ? [] : [{ title: complaint.hint, price: "", fix: undefined }],
    }));
}

const placeKey = (file: string, start: number): string => `${file}\n${start}`;
