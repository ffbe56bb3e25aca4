import type { Complaint } from "../core/complaint.ts";
import { isProblem } from "../core/problem.ts";
import type { SourceFile, Span } from "../core/span.ts";
import { readJsonList } from "./arguments.ts";
import type { ArgInstruction, Dockerfile, FromInstruction, Heredoc, Instruction } from "./ast.ts";
import { type Complaints, complaintsAbout } from "./complaints.ts";
import { readDirectives } from "./directives.ts";
import { heredocsOf, readHeredoc } from "./heredoc.ts";
import { readInstruction } from "./instruction.ts";
import { type InstructionLine, splitInstruction } from "./instruction-line.ts";
import { keywordOf } from "./keywords.ts";
import { LogicalLine } from "./logical-line.ts";
import { type SourceLine, SourceLines } from "./source-lines.ts";
import { isSpace, trimmedRange, trimSpace } from "./white-space.ts";

/** Characters of a file. BuildKit's own bound is that of a message between its processes, 16 MB. */
const LARGEST_FILE = 4 * 1024 * 1024;
/** UTF-8 bytes of a physical line without its end; BuildKit's own bound (bufio.MaxScanTokenSize). */
const LONGEST_LINE = 65_535;
/** Stages are compared with each other. */
const MOST_STAGES = 1000;
/** Here-documents of one instruction. */
const MOST_HEREDOCS = 1000;

/**
 * Reads a Dockerfile. Never throws: everything that is wrong is among `complaints`, and the tree is what could be read.
 * Nothing is expanded, and no image, stage or file is looked for.
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go (`Parse`), read 2026-11-22
 */
export function parseDockerfile(file: SourceFile): Dockerfile {
  const complaints = complaintsAbout(file);
  const stages: { index: number; name?: string; from: FromInstruction; instructions: Instruction[] }[] = [];
  const globalArgs: ArgInstruction[] = [];
  if (file.text.length > LARGEST_FILE) {
    complaints.error(
      { start: 0, end: 0 },
      `the Dockerfile has ${file.text.length} characters, more than the ${LARGEST_FILE} that we read`,
      undefined,
      "limit-exceeded",
    );
    return { file, directives: { escape: "\\" }, globalArgs, stages, complaints: complaints.list };
  }
  const directives = readDirectives(file, complaints);
  let instructions = 0;
  for (const { parts, instruction } of readInstructions(file, directives.escape, complaints)) {
    instructions++;
    const stage = stages.at(-1);
    if (instruction?.kind === "from") {
      if (stages.length === MOST_STAGES) {
        complaints.error(parts.keywordSpan, `the Dockerfile has more than ${MOST_STAGES} stages`, "split it", "limit-exceeded");
        break;
      }
      const name = instruction.as?.text.toLowerCase();
      const first = name === undefined ? undefined : stages.find((other) => other.name === name);
      if (first !== undefined) {
        const hint = `"${name}" means the last one before the line that names it; give this one another name`;
        complaints.warning(instruction.as?.span as Span, `two stages are named "${name}"`, hint, "dockerfile-semantics");
      }
      stages.push({ index: stages.length, ...(name === undefined ? {} : { name }), from: instruction, instructions: [] });
    } else if (stage !== undefined) {
      if (instruction !== undefined) stage.instructions.push(instruction);
    } else if (instruction?.kind === "arg") globalArgs.push(instruction);
    else if (instruction !== undefined) {
      complaints.error(
        parts.keywordSpan,
        `${parts.keyword} stands before the first FROM`,
        "begin with FROM; only ARG may stand before it",
        "dockerfile-semantics",
      );
    }
  }
  if (stages.length === 0) {
    const what = file.text === "" ? "the Dockerfile is empty" : instructions === 0 ? "the Dockerfile holds no instruction" : "the Dockerfile has no FROM";
    complaints.error({ start: 0, end: 0 }, what, "write at least FROM IMAGE, or FROM scratch", "dockerfile-semantics");
  }
  const inOrder = [...complaints.list].sort((a, b) => a.place.span.start - b.place.span.start);
  return { file, directives, globalArgs, stages, complaints: inOrder };
}

/** A trigger out of an image's `OnBuild`, read as one instruction. Here what is wrong is an error, as it is when BuildKit triggers it. */
export function parseTrigger(file: SourceFile): { readonly instruction?: Instruction; readonly complaints: readonly Complaint[] } {
  const complaints = complaintsAbout(file);
  const [only, ...others] = [...readInstructions(file, "\\", complaints)];
  const instruction = only?.instruction;
  const whole = { start: 0, end: file.text.length };
  if (only === undefined || others.length > 0) complaints.error(whole, "an ONBUILD trigger is exactly one instruction");
  else if (instruction?.kind === "from") complaints.error(whole, "FROM cannot be a trigger of ONBUILD");
  else if (instruction !== undefined && others.length === 0) return { instruction, complaints: complaints.list };
  return { complaints: complaints.list };
}

interface Read {
  readonly parts: InstructionLine;
  /** Absent when it could not be read. */
  readonly instruction: Instruction | FromInstruction | undefined;
}

function* readInstructions(file: SourceFile, escaping: "\\" | "`", complaints: Complaints): Generator<Read> {
  const lines = new SourceLines(file.text);
  for (let first = lines.next(); first !== undefined; first = lines.next()) {
    const line = readLogicalLine(first, lines, escaping, complaints);
    if (line === undefined) continue;
    const parts = splitInstruction(line, 0, line.text.length, escaping);
    const heredocs = readHeredocs(parts, escaping, lines, file, complaints);
    const { start, end } = trimmedRange(line.text);
    const own = line.spanOf(start, end);
    const span = { start: own.start, end: heredocs.at(-1)?.span.end ?? own.end };
    yield { parts, instruction: readInstruction(parts, { escape: escaping, syntax: complaints, complaints, heredocs, span }) };
  }
}

/** An instruction's line with its continuation lines; absent for a blank line or a comment. */
function readLogicalLine(first: SourceLine, lines: SourceLines, escaping: string, complaints: Complaints): LogicalLine | undefined {
  checkLength(first, complaints);
  let indent = 0;
  while (indent < first.text.length && isSpace(first.text.charAt(indent))) indent++;
  const text = first.text.slice(indent);
  if (text === "" || text.startsWith("#")) return undefined;
  const logical = new LogicalLine(first.start + indent);
  let continued = withoutContinuation(text, escaping);
  logical.append(continued ?? text, first.start + indent);
  let blank: Span | undefined;
  while (continued !== undefined) {
    const line = lines.next();
    if (line === undefined) break;
    checkLength(line, complaints);
    const trimmed = trimSpace(line.text);
    if (trimmed === "") blank ??= { start: line.start, end: line.start + line.text.length };
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    continued = withoutContinuation(line.text, escaping);
    logical.append(continued ?? line.text, line.start);
  }
  if (blank !== undefined) complaints.warning(blank, "a blank line stands inside an instruction", "remove it; a later BuildKit will refuse it");
  return logical;
}

/** The line before its continuation character; absent when it does not end in one. Two of them are an escaped one. */
function withoutContinuation(text: string, escaping: string): string | undefined {
  let end = text.length;
  while (text.charAt(end - 1) === " " || text.charAt(end - 1) === "\t") end--;
  if (text.charAt(end - 1) !== escaping || text.charAt(end - 2) === escaping) return undefined;
  return text.slice(0, end - 1);
}

function checkLength({ text, start }: SourceLine, complaints: Complaints): void {
  if (text.length * 3 <= LONGEST_LINE || Buffer.byteLength(text) <= LONGEST_LINE) return;
  complaints.error(
    { start, end: start },
    `a line has ${Buffer.byteLength(text)} bytes, more than the ${LONGEST_LINE} that are read`,
    "break it with continuation characters",
    "limit-exceeded",
  );
}

/** The bodies of the here-documents that RUN, COPY or ADD (or a trigger that is one of them) opens; not in JSON form. */
function readHeredocs(parts: InstructionLine, escaping: string, lines: SourceLines, file: SourceFile, complaints: Complaints): readonly Heredoc[] {
  const { line } = parts;
  const inner = keywordOf(parts.keyword) === "ONBUILD" ? splitInstruction(line, parts.start, parts.end, escaping) : parts;
  if (!["RUN", "COPY", "ADD"].includes(keywordOf(inner.keyword) ?? "") || !line.text.includes("<<")) return [];
  if (readJsonList(line, inner.start, inner.end) !== "no-json") return [];
  const heredocs: Heredoc[] = [];
  const whole = line.spanOf(0, line.text.length);
  try {
    for (const opening of heredocsOf(line.text)) {
      if (heredocs.length === MOST_HEREDOCS) {
        complaints.error(whole, `an instruction has more than ${MOST_HEREDOCS} here-documents`, undefined, "limit-exceeded");
        break;
      }
      const heredoc = readHeredoc(opening, lines, file.text);
      if (heredoc !== undefined) heredocs.push(heredoc);
      else
        complaints.error(
          openingSpan(parts, opening.name),
          `the here-document "${opening.name}" does not end`,
          `write ${opening.name} alone on a line behind its content`,
        );
      if (heredoc === undefined) break;
    }
  } catch (error) {
    if (!isProblem(error)) throw error;
    complaints.error(whole, error.message, error.hint, error.code);
  }
  return heredocs;
}

function openingSpan({ line }: InstructionLine, name: string): Span {
  const start = Math.max(0, line.text.search(/<</));
  const end = line.text.indexOf(name, start);
  return line.spanOf(start, end === -1 ? line.text.length : end + name.length);
}
