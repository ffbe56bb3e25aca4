import type { Complaint, Severity } from "../core/complaint.ts";
import type { ProblemCode } from "../core/problem.ts";
import type { SourceFile, Span } from "../core/span.ts";

/** A file that is no YAML at all would be answered with one complaint a line. */
const MOST_COMPLAINTS = 100;
/** Messages quote keys of the file. */
const LONGEST_MESSAGE = 300;

export interface Saying {
  readonly span: Span;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly code?: ProblemCode;
  readonly severity?: Severity;
}

/** Gathers what there is to say about one file: `yaml-syntax` and an error unless told otherwise. */
export interface Complaints {
  readonly list: readonly Complaint[];
  readonly say: (saying: Saying) => void;
}

export function complaintsAbout(file: SourceFile): Complaints {
  const list: Complaint[] = [];
  const say = ({ span, message, hint, code = "yaml-syntax", severity = "error" }: Saying): void => {
    if (list.length > MOST_COMPLAINTS) return;
    const place = { file, span };
    if (list.length < MOST_COMPLAINTS) list.push({ code, severity, message: clip(message), hint, place });
    else list.push({ code: "limit-exceeded", severity: "error", message: `more than ${MOST_COMPLAINTS} complaints; the rest is left out`, place });
  };
  return { list, say };
}

const clip = (text: string): string => (text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text);
