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

/** Of a longer line, only what lies around the complaint is shown. */
const WIDEST_LINE = 160;
/** Of more complaints, only these are told: what came is no such file at all. */
const MOST_TOLD = 20;

/** One complaint as people read it: `file:line:column: message`, the source line, a caret, a hint. */
export function complaintText(complaint: Complaint): string {
  const { file, span } = complaint.place;
  const { line, column, lineText } = positionOf(file, span.start);
  const from = lineText.length <= WIDEST_LINE ? 0 : Math.max(0, column - 1 - WIDEST_LINE / 4);
  const before = lineText.slice(from, column - 1);
  const shown = lineText.slice(from, from + WIDEST_LINE);
  const width = Math.max(1, Math.min(span.end - span.start, shown.length - before.length));
  const gutter = String(line);
  const pad = " ".repeat(gutter.length);
  const cut = from === 0 ? "" : "…";
  const indent = " ".repeat(cut.length) + before.replace(/[^\t]/g, " ");
  const rest = from + shown.length < lineText.length ? "…" : "";
  const lines = [`${file.name}:${line}:${column}: ${complaint.message}`, `${gutter} | ${cut}${shown}${rest}`, `${pad} | ${indent}${"^".repeat(width)}`];
  if (complaint.hint !== undefined) lines.push(`${pad} = help: ${complaint.hint}`);
  return lines.join("\n");
}

/** Many complaints as one problem, for whoever needs a file without any. */
export class ComplaintsError extends ProblemError {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly [Complaint, ...Complaint[]]) {
    const [first] = complaints;
    const { line, column } = positionOf(first.place.file, first.place.span.start);
    const more = complaints.length - MOST_TOLD;
    super(first.code, {
      message: [...complaints.slice(0, MOST_TOLD).map(complaintText), ...(more > 0 ? [`… and ${more} more`] : [])].join("\n"),
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
