import { bare, withoutColours } from "./clean-line.ts";
import type { LogForm, LogLine } from "./explanation.ts";
import { JobState } from "./job-state.ts";
import { REMEMBERED_LIMIT } from "./limits.ts";
import { LogNotes, note } from "./log-notes.ts";
import { plainLines } from "./rawjson.ts";
import { RunHead } from "./run-head.ts";
import type { SignatureIndex } from "./signature-index.ts";
import { shown, type Vertex } from "./step-state.ts";

const VERTEX_LINE = /^#(\d{1,9}|sha256:[0-9a-f]{64}) (.*)$/s;
const VERTEX_LOG = /^\d+\.\d+ (.*)$/s;
const VERTEX_END = /^(?:DONE|CACHED|CANCELED|sha256:|transferring |resolve |extracting |\.\.\.)/;
const DAY = /\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?=T)/;
const SOURCE = /^([^\s:]{1,200}):(\d{1,6})$/;
const SOURCE_LIMIT = 220;
const EXCERPT = /^\s*\d+ \| /;
const STEP_LINE = /^(?:\[([^\]]{1,100})\] )?(?:\[([^\]]{1,100})\] )?(Step \d+\/\d+ ?:|STEP \d+(?:\/\d+)?:) (.*)$/s;
const TTY_ERROR = /^ => (?:ERROR|CANCELED) (.*?)(?:\s+\d+\.\d+s)?$/s;
const EXIT =
  /did not complete successfully: exit code: (\d{1,5})|returned a non-zero code: (\d{1,5})|^##\[error\]Process completed with exit code (\d{1,5})|exit status (\d{1,5})/;
/** What stands around a command that a builder quotes in its error. */
const QUOTES: readonly (readonly [before: string, after: string])[] = [
  ['process "', '" did not complete'],
  ["The command '", "' returned a non-zero"],
  ['building at STEP "', '": '],
];
/** Beginnings of lines that say of themselves that they are errors. */
const ERROR_LINE =
  /^(?:##\[error\]|\s*(?:ERROR\b|Error\b|error:|FATAL|fatal:|panic:|Traceback|E: |npm ERR!|make(?:\[\d+\])?: \*\*\*|docker: |denied:|unauthorized:|failed |Failed |⨯|×|#\d+ ERROR)|.{0,120}(?:\bERROR: |\berror: |level=(?:error|fatal)|: cannot |: not found$|exec format error))/i;
const WARNING_LINE = /^(?:##\[warning\]|\s*(?:WARN(?:ING)?\b|#\d+ WARN)|.{0,60}level=warn)/i;

/** Reads a log line by line, keeping what an explanation needs and no more. */
export class LogReader {
  readonly notes = new LogNotes();
  readonly #index: SignatureIndex;
  readonly #jobs = new Map<string, JobState>();
  #job: JobState;
  #head: RunHead | undefined;
  #block: "none" | "rule" | "block" = "none";
  #blockVertex: Vertex | undefined;
  #excerpt: "none" | "named" | "inside" = "none";
  #source: { readonly file: string; readonly line: number } | undefined;
  #tail: LogLine[] = [];

  constructor(index: SignatureIndex) {
    this.#index = index;
    this.#job = new JobState(undefined);
    this.#jobs.set("", this.#job);
  }

  /** Ends the reading. @returns jobs in the order of their first line */
  end(): readonly JobState[] {
    if (this.#head !== undefined) this.#job.begin(this.#head.step(), this.#head.script);
    for (const job of this.#jobs.values()) job.endStep();
    return [...this.#jobs.values()];
  }

  /** The last lines. */
  get tail(): readonly LogLine[] {
    return this.#tail.map(({ number, text }) => ({ number, text: shown(text) }));
  }

  take(raw: string, number: number): void {
    const line = bare(raw);
    if (line.isGitHub) {
      this.notes.day ??= DAY.exec(raw)?.[0];
      this.notes.forms.add(line.job === undefined ? "github" : "gh");
      if (line.job !== undefined && line.job !== this.#job.name) this.#enter(line.job);
    }
    const text = withoutColours(line.text);
    const plain = plainLines(text);
    if (plain === undefined) this.#line(text, number);
    else {
      this.notes.forms.add("rawjson");
      for (const one of plain) this.#line(one, number);
    }
  }

  #enter(name: string): void {
    this.#leaveHead();
    let job = this.#jobs.get(name);
    if (job === undefined) {
      job = new JobState(name);
      if (this.#jobs.size < REMEMBERED_LIMIT) this.#jobs.set(name, job);
    }
    this.#job = job;
  }

  #leaveHead(): void {
    if (this.#head === undefined) return;
    this.#job.begin(this.#head.step(), this.#head.script);
    this.#head = undefined;
  }

  #line(text: string, number: number): void {
    if (this.#head !== undefined) {
      if (text.startsWith("##[endgroup]")) this.#leaveHead();
      else if (text.startsWith("##[group]Run ")) this.#newHead(text, number);
      else this.#head.take(text);
      return;
    }
    if (text.startsWith("##[")) {
      if (text.startsWith("##[group]Run ")) {
        this.#newHead(text, number);
        return;
      }
      if (text.startsWith("##[command]")) return;
    } else if (text.startsWith("[command]") || text.startsWith("+ ")) return;
    else if (text === "Post job cleanup." || text === "Cleaning up orphan processes") {
      this.#job.begin(undefined, "");
      return;
    }
    this.#remember(text, number);
    note(this.notes, text, this.#job);
    if (!this.#readBuilder(text, number)) this.#match(text, number, undefined, false);
  }

  #newHead(text: string, number: number): void {
    this.#leaveHead();
    this.#head = new RunHead(text.slice("##[group]Run ".length), number);
    this.#block = "none";
    this.#excerpt = "none";
  }

  #remember(text: string, number: number): void {
    if (text.trim() === "") return;
    if (this.#tail.length === TAIL) this.#tail.shift();
    this.#tail.push({ number, text });
  }

  /** @returns true when the line is a builder's frame, which quotes the Dockerfile */
  #readBuilder(text: string, number: number): boolean {
    const step = this.#job.step;
    switch (text.charCodeAt(0)) {
      case 0x23:
        return this.#readVertex(text, number);
      case 0x2d:
        if (text.startsWith("--------------------")) {
          if (this.#excerpt === "named") step.source = this.#source;
          this.#excerpt = this.#excerpt === "named" ? "inside" : "none";
          return true;
        }
        if (text !== "------") return false;
        this.#block = this.#block === "block" ? "none" : "rule";
        return true;
      case 0x20:
        if (this.#block === "rule" && text.startsWith(" > ")) {
          this.#block = "block";
          this.#blockVertex = step.vertex(`> ${text}`, text.slice(3).replace(/:$/, ""));
          step.fail(this.#blockVertex);
          return true;
        }
        if (text.startsWith(" => ")) return this.#readTty(text);
        break;
    }
    if (this.#excerpt === "inside" && EXCERPT.test(text)) return true;
    if (this.#excerpt === "named") this.#excerpt = "none";
    const source = text.length < SOURCE_LIMIT ? SOURCE.exec(text) : null;
    if (source !== null) {
      this.#source = { file: source[1] as string, line: Number(source[2]) };
      this.#excerpt = "named";
    }
    return this.#readStep(text);
  }

  #readVertex(text: string, number: number): boolean {
    const [, key, rest] = VERTEX_LINE.exec(text) ?? [];
    if (key === undefined || rest === undefined || key === "0") return key === "0";
    const step = this.#job.step;
    this.#form("buildx");
    const log = VERTEX_LOG.exec(rest)?.[1];
    if (log !== undefined) {
      this.#match(log, number, step.vertices.get(key), false);
      return true;
    }
    if (rest.startsWith("ERROR: ")) {
      const vertex = step.vertex(key, step.vertices.get(key)?.name ?? "");
      step.fail(vertex);
      this.#match(rest, number, vertex, true);
    } else if (rest.startsWith("WARN: ")) this.#match(rest, number, step.vertices.get(key), false);
    else if (!VERTEX_END.test(rest) && !step.vertices.has(key)) {
      step.vertex(key, rest);
      if (!rest.startsWith("[") || rest.startsWith("[internal]")) this.#match(rest, number, undefined, false);
    } else if (!VERTEX_END.test(rest)) this.#match(rest, number, step.vertices.get(key), false);
    return true;
  }

  #readTty(text: string): boolean {
    const [, name] = TTY_ERROR.exec(text) ?? [];
    if (name !== undefined && !text.startsWith(" => CANCELED")) this.#job.step.fail(this.#job.step.vertex(`=> ${name}`, name));
    return true;
  }

  #readStep(text: string): boolean {
    const [, first, second, form, instruction] = STEP_LINE.exec(text) ?? [];
    if (form === undefined || instruction === undefined) return false;
    this.#form(form.startsWith("Step") ? "legacy builder" : "buildah");
    const marks = [first, second].filter((mark) => mark !== undefined);
    this.#job.step.instruction = marks.length === 0 ? instruction : `[${marks.join(" ")}] ${instruction}`;
    return true;
  }

  #form(form: LogForm): void {
    this.notes.forms.add(form);
  }

  #match(text: string, number: number, vertex: Vertex | undefined, isError: boolean): void {
    const { matches, isAlarming } = this.#index.find(text);
    if (matches.length === 0 && !isAlarming) return;
    const step = this.#job.step;
    const line = { number, text: shown(text) };
    const says = isError || ERROR_LINE.test(text);
    const isWarning = !isError && WARNING_LINE.test(text);
    if (text.startsWith("##[error]")) step.marked ??= line;
    if (says && !isWarning) step.error(line);
    const exit = EXIT.exec(text);
    if (exit !== null) step.exitCode ??= Number(exit[1] ?? exit[2] ?? exit[3] ?? exit[4]);
    if (matches.length === 0) return;
    const own = unquoted(text);
    const kept = own === text ? matches : this.#index.find(own).matches;
    if (kept.length === 0) return;
    const inBlock = this.#block === "block";
    step.hit({ line, matches: kept, vertex: inBlock ? this.#blockVertex : vertex, isError: says || inBlock, isWarning });
  }
}

/** Last lines that are kept. */
const TAIL = 6;

/** Without the commands that builders quote in their errors. */
function unquoted(text: string): string {
  for (const [before, after] of QUOTES) {
    const start = text.indexOf(before);
    const end = start === -1 ? -1 : text.lastIndexOf(after);
    if (end >= start + before.length) return text.slice(0, start + before.length) + text.slice(end);
  }
  return text;
}
