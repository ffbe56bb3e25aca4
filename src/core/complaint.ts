import { type ProblemCode, ProblemError } from "./problem.ts";
import { type Place, positionOf } from "./span.ts";

export type Severity = "error" | "warning" | "note";

/** What a reader has to say about a file: mistakes in the input are data, so that all of them are told in one go. */
export interface Complaint {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** One sentence, lower-case, no full stop. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly place: Place;
}

/** One complaint as people read it: `file:line:column: message`, the source line, a caret, a hint. */
export function complaintText(complaint: Complaint): string {
  const { file, span } = complaint.place;
  const { line, column, lineText } = positionOf(file, span.start);
  const width = Math.max(1, Math.min(span.end - span.start, lineText.length - column + 1));
  const gutter = String(line);
  const pad = " ".repeat(gutter.length);
  const indent = lineText.slice(0, column - 1).replace(/[^\t]/g, " ");
  const lines = [`${file.name}:${line}:${column}: ${complaint.message}`, `${gutter} | ${lineText}`, `${pad} | ${indent}${"^".repeat(width)}`];
  if (complaint.hint !== undefined) lines.push(`${pad} = help: ${complaint.hint}`);
  return lines.join("\n");
}

/** Many complaints as one problem, for whoever needs a file without any. */
export class ComplaintsError extends ProblemError {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly [Complaint, ...Complaint[]]) {
    const [first] = complaints;
    const { line, column } = positionOf(first.place.file, first.place.span.start);
    super(first.code, {
      message: complaints.map(complaintText).join("\n"),
      facts: { file: first.place.file.name, line, column, complaints: complaints.length },
    });
    this.complaints = complaints;
  }
}

/** Throws every error among `complaints` in one go; returns when there is none. */
export function refuseErrors(complaints: readonly Complaint[]): void {
  const [first, ...rest] = complaints.filter((c) => c.severity === "error");
  if (first !== undefined) throw new ComplaintsError([first, ...rest]);
}
