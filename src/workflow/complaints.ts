import type { Complaint } from "../core/complaint.ts";
import type { ProblemCode } from "../core/problem.ts";
import type { SourceFile, Span } from "../core/span.ts";
import { MOST_COMPLAINTS } from "./limits.ts";

/** Messages quote words of the file. */
const LONGEST_MESSAGE = 500;

/** Gathers what there is to say about one file. The same thing said of the same place (an anchor used twice) is said once. */
export interface Complaints {
  readonly list: readonly Complaint[];
  readonly error: (span: Span, message: string, hint?: string, code?: ProblemCode) => void;
}

export function complaintsAbout(file: SourceFile): Complaints {
  const list: Complaint[] = [];
  const said = new Set<string>();
  return {
    list,
    error(span, message, hint, code = "workflow-syntax") {
      const key = `${span.start}:${span.end}:${message}`;
      if (said.has(key) || list.length > MOST_COMPLAINTS) return;
      said.add(key);
      const full = list.length === MOST_COMPLAINTS;
      list.push({
        code: full ? "limit-exceeded" : code,
        severity: "error",
        message: full ? `more than ${MOST_COMPLAINTS} complaints; the rest is left out` : clip(message),
        hint: full ? undefined : hint,
        place: { file, span: { start: Math.min(span.start, file.text.length), end: Math.min(span.end, file.text.length) } },
      });
    },
  };
}

const clip = (text: string): string => (text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)}…`);
