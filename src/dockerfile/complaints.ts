import type { Complaint, Severity } from "../core/complaint.ts";
import type { ProblemCode } from "../core/problem.ts";
import type { SourceFile, Span } from "../core/span.ts";

/** A file that is no Dockerfile at all would be answered with one complaint a line. */
const MOST_COMPLAINTS = 200;
/** Messages quote words of the file. */
const LONGEST_MESSAGE = 500;

type Say = (span: Span, message: string, hint?: string, code?: ProblemCode) => void;

/** Gathers what there is to say about one file. */
export interface Complaints {
  readonly list: readonly Complaint[];
  readonly error: Say;
  readonly warning: Say;
  readonly note: Say;
  /** The same list, but what would be an error is a warning: for what BuildKit does not check yet (an ONBUILD trigger). */
  readonly softly: Complaints;
}

export function complaintsAbout(file: SourceFile): Complaints {
  const list: Complaint[] = [];
  const say =
    (severity: Severity): Say =>
    (span, message, hint, code = "dockerfile-syntax") => {
      if (list.length < MOST_COMPLAINTS) list.push({ code, severity, message: clip(message), hint: hint && clip(hint), place: { file, span } });
      else if (list.length === MOST_COMPLAINTS) {
        list.push({
          code: "limit-exceeded",
          severity: "error",
          message: `more than ${MOST_COMPLAINTS} complaints; the rest is left out`,
          place: { file, span },
        });
      }
    };
  const [error, warning, note] = [say("error"), say("warning"), say("note")];
  const gentle: Omit<Complaints, "softly"> = { list, error: warning, warning, note };
  const softly: Complaints = {
    ...gentle,
    get softly() {
      return softly;
    },
  };
  return { list, error, warning, note, softly };
}

const clip = (text: string): string => (text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text);
