import type { Step } from "./follow.ts";
import { type Piece, textOf } from "./values.ts";

/** Commands of one pipe that are looked back over. */
const LONGEST_PIPE = 50;

const UNKNOWN: readonly Piece[] = [{ kind: "unknown", source: "", many: false }];

/** What `echo`, `printf` and `cat` with a here-document print; one unknown piece for every other command. */
export function printedBy(step: Step): readonly Piece[] {
  const [name, ...values] = step.words;
  switch (name === undefined ? "" : (textOf(name) ?? "")) {
    case "echo": {
      const escapes = values.some((value) => /^-[nE]*e[neE]*$/.test(textOf(value) ?? ""));
      const first = values.findIndex((value) => !/^-[neE]+$/.test(textOf(value) ?? "x"));
      const shown = first === -1 ? [] : values.slice(first);
      const pieces = shown.flatMap((value, i): readonly Piece[] => (i === 0 ? value.pieces : [{ kind: "text", text: " " }, ...value.pieces]));
      return escapes ? pieces.map((piece) => (piece.kind === "text" ? { ...piece, text: unescaped(piece.text) } : piece)) : pieces;
    }
    case "printf": {
      const [format, ...operands] = values;
      const text = format === undefined ? undefined : textOf(format);
      return text === undefined
        ? UNKNOWN
        : printed(
            text,
            operands.map(({ pieces }) => pieces),
          );
    }
    case "cat": {
      const here = step.command.redirections.find(({ kind }) => kind === "here");
      return here?.kind === "here" && (values.length === 0 || textOf(values[0] as { pieces: readonly Piece[] }) === "-") ? step.expand(here.body) : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** `%s` and `%d` only; the format is used again while operands are left, as the shell does. */
function printed(format: string, operands: readonly (readonly Piece[])[]): readonly Piece[] {
  const stretches = format.split(/%[sdqb]/);
  if (/%[^sdqb%]/.test(format)) return UNKNOWN;
  const pieces: Piece[] = [];
  let next = 0;
  do {
    stretches.forEach((stretch, i) => {
      if (i > 0) pieces.push(...(operands[next++] ?? []));
      pieces.push({ kind: "text", text: unescaped(stretch).replaceAll("%%", "%") });
    });
  } while (stretches.length > 1 && next < operands.length);
  return pieces;
}

const unescaped = (text: string): string => text.replace(/\\([nt\\])/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "t" ? "\t" : "\\"));

/** What a command reads: a here-document, or what the command before it in the same pipe prints; one unknown piece when that cannot be told. */
export function inputOf(steps: readonly Step[], at: number): readonly Piece[] {
  const step = steps[at] as Step;
  const here = step.command.redirections.find(({ kind }) => kind === "here");
  if (here?.kind === "here") return step.expand(here.body);
  const pipe = step.command.within.findLast(({ kind }) => kind === "pipe");
  if (pipe === undefined) return UNKNOWN;
  const writers = steps
    .slice(Math.max(0, at - LONGEST_PIPE), at)
    .filter(({ command }) => command.within.some(({ kind, span }) => kind === "pipe" && span.start === pipe.span.start && span.end === pipe.span.end));
  return writers.length === 1 && writers[0] !== undefined ? printedBy(writers[0]) : UNKNOWN;
}
