import type { Span } from "../core/span.ts";
import type { Flag, Heredoc } from "./ast.ts";
import type { Complaints } from "./complaints.ts";
import type { InstructionLine } from "./instruction-line.ts";

/** What the readers of the single instructions need beside the line. */
export interface ReadContext {
  readonly escape: "\\" | "`";
  /** For what BuildKit's parser refuses even in an ONBUILD trigger. */
  readonly syntax: Complaints;
  /** For everything else: warnings, where the instruction is a trigger. */
  readonly complaints: Complaints;
  readonly heredocs: readonly Heredoc[];
  /** The whole instruction, with its here-documents. */
  readonly span: Span;
}

/** What every instruction has. */
export function baseOf(parts: InstructionLine, context: ReadContext): { span: Span; original: string; flags: readonly Flag[] } {
  return { span: context.span, original: parts.original, flags: parts.flags };
}

/** Where a missing argument is missed: the keyword. */
export const argumentsSpan = (parts: InstructionLine): Span => (parts.end > parts.start ? parts.line.spanOf(parts.start, parts.end) : parts.keywordSpan);

/** What stands behind keyword and flags, as written. */
export const restOf = (parts: InstructionLine): string => parts.line.text.slice(parts.start, parts.end);
