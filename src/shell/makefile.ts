import type { Span } from "../core/span.ts";
import type { ScriptComplaint } from "./script.ts";

/** Under which `ifeq`, `ifdef`, … a line stands: all must hold. */
export interface MakeCondition {
  readonly keyword: "ifeq" | "ifneq" | "ifdef" | "ifndef";
  /** What stands behind the keyword, unexpanded. */
  readonly text: string;
  /** The line is in the `else` part. */
  readonly negated: boolean;
}

export interface MakeVariable {
  readonly kind: "variable";
  readonly name: string;
  readonly operator: "=" | ":=" | "?=" | "+=" | "!=";
  /** Unexpanded. */
  readonly value: string;
  /** The targets that it is for (`target: NAME = value`), unexpanded; undefined for all. */
  readonly targets: string | undefined;
  /** Command-line variables do not win over it. */
  readonly override: boolean;
  /** `export NAME = value`: recipes find it in their environment. */
  readonly exported: boolean;
  readonly conditions: readonly MakeCondition[];
  readonly span: Span;
}

/** One line of a recipe, which make gives to a shell of its own; continuation lines are part of it. */
export interface RecipeLine {
  /** Unexpanded, without the tab and the prefixes `@`, `-`, `+`. */
  readonly text: string;
  /** `-`: a failure is ignored. */
  readonly ignoresErrors: boolean;
  readonly conditions: readonly MakeCondition[];
  readonly span: Span;
}

export interface MakeRule {
  readonly kind: "rule";
  /** Unexpanded, as written before the colon. */
  readonly targets: string;
  /** `targets: pattern: prerequisites`. */
  readonly pattern: string | undefined;
  /** Unexpanded; order-only ones behind `|` too. */
  readonly prerequisites: string;
  readonly recipe: readonly RecipeLine[];
  readonly conditions: readonly MakeCondition[];
  readonly span: Span;
}

/** `export NAME …`; without names it is for all variables. */
export interface MakeExport {
  readonly kind: "export";
  /** Unexpanded. */
  readonly names: string;
  readonly conditions: readonly MakeCondition[];
  readonly span: Span;
}

/** A file that a Makefile takes in, which is not read here; or a reference that makes lines of the Makefile (`$(eval …)`). */
export interface MakeInclude {
  readonly kind: "include";
  /** Unexpanded names. */
  readonly files: string;
  readonly conditions: readonly MakeCondition[];
  readonly span: Span;
}

export type MakeStatement = MakeVariable | MakeRule | MakeExport | MakeInclude;

/** A Makefile as written, in order. */
export interface Makefile {
  readonly statements: readonly MakeStatement[];
  readonly complaints: readonly ScriptComplaint[];
}

const LONGEST_MAKEFILE = 1 << 20;
/** Conditions in conditions. */
const DEEPEST = 100;

const CONDITION = /^ *(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/s;
const ASSIGNMENT = /^((?:(?:export|override|private|undefine)\s+)*)([^\s:#=+?!]+)\s*(=|:::?=|::?=|\?=|\+=|!=)\s*(.*)$/s;
const INCLUDE = /^(?:-include|sinclude|include)\s+(.*)$/s;
const EXPORT = /^export(?:\s+([^:]*))?$/s;
const MAKES_LINES = /^\$[({].*\b(?:eval|call)\b.*[)}]$/s;
const DEFINE = /^(?:override\s+)?define\s+([^\s=:+?!]+)\s*(=|::?=|\?=|\+=|!=)?\s*$/;

interface LogicalLine {
  readonly text: string;
  readonly span: Span;
  readonly recipe: boolean;
}

/**
 * Reads a Makefile (GNU make 4.4 manual, chapters 3 to 7; read 2026-11). Nothing is expanded: {@link recipeOf} does that. Never throws on bad
 * input; lines that are not understood are complained of and left out.
 */
export function parseMakefile(text: string): Makefile {
  const complaints: ScriptComplaint[] = [];
  const complain = (span: Span, message: string): void => {
    if (complaints.length < 20) complaints.push({ code: "script-syntax", severity: "warning", message, span });
  };
  if (text.length > LONGEST_MAKEFILE) {
    const message = `the Makefile has ${text.length} characters, more than ${LONGEST_MAKEFILE}`;
    return { statements: [], complaints: [{ code: "limit-exceeded", severity: "warning", message, span: { start: 0, end: 0 } }] };
  }
  const statements: MakeStatement[] = [];
  const open: MakeCondition[][] = [];
  let rule: { readonly recipe: RecipeLine[] } | undefined;
  let define: { readonly name: string; readonly operator: string; readonly lines: string[]; readonly start: number } | undefined;
  for (const line of logicalLines(text)) {
    const conditions = open.flat();
    if (define !== undefined) {
      if (/^\s*endef\b/.test(line.text)) {
        const span = { start: define.start, end: line.span.end };
        statements.push({
          kind: "variable",
          name: define.name,
          operator: operatorOf(define.operator),
          value: define.lines.join("\n"),
          targets: undefined,
          override: false,
          exported: false,
          conditions,
          span,
        });
        define = undefined;
      } else define.lines.push(line.text);
      continue;
    }
    if (line.recipe && rule !== undefined) {
      rule.recipe.push(...recipeLine(line, conditions));
      continue;
    }
    const content = withoutComment(line.text).trim();
    if (content === "") continue;
    const [conditional, keyword, argument] = CONDITION.exec(content) ?? [];
    if (conditional !== undefined) {
      if (open.length >= DEEPEST) complain(line.span, "conditions are nested too deeply");
      else open.push([{ keyword: keyword as MakeCondition["keyword"], text: (argument ?? "").trim(), negated: false }]);
      continue;
    }
    if (/^else\b/.test(content)) {
      const last = open.pop();
      if (last === undefined) complain(line.span, '"else" without a condition');
      else open.push(otherwise(last, content));
      continue;
    }
    if (/^endif\b/.test(content)) {
      if (open.pop() === undefined) complain(line.span, '"endif" without a condition');
      continue;
    }
    const [defines, name, operator] = DEFINE.exec(content) ?? [];
    if (defines !== undefined && name !== undefined) {
      define = { name, operator: operator ?? "=", lines: [], start: line.span.start };
      continue;
    }
    const included = INCLUDE.exec(content)?.[1];
    if (included !== undefined) {
      statements.push({ kind: "include", files: included.trim(), conditions, span: line.span });
      continue;
    }
    const assigned = assignment(content, undefined, conditions, line.span);
    if (assigned !== undefined) {
      statements.push(assigned);
      rule = undefined;
      continue;
    }
    const exports = EXPORT.exec(content);
    if (exports !== null) {
      statements.push({ kind: "export", names: exports[1] ?? "", conditions, span: line.span });
      continue;
    }
    if (MAKES_LINES.test(content)) {
      statements.push({ kind: "include", files: content, conditions, span: line.span });
      continue;
    }
    if (/^(?:unexport|undefine|vpath|private|override|load)\b/.test(content) || /^\$[({].*[)}]$/s.test(content)) continue;
    const made = ruleOf(line, content, conditions);
    if (made === undefined) {
      complain(line.span, `the line is neither a rule nor a variable: "${content.slice(0, 40)}"`);
      continue;
    }
    statements.push(made.statement);
    rule = made.recipe === undefined ? undefined : { recipe: made.recipe };
  }
  if (open.length > 0) complain({ start: text.length, end: text.length }, 'a condition has no "endif"');
  return { statements, complaints };
}

/** Physical lines with continuations joined. In recipes the joint is kept, without the next line's tab, as make hands it to the shell. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let start = 0;
  while (start < text.length) {
    const recipe = text[start] === "\t";
    const stretches: string[] = [];
    let at = start;
    let end = start;
    for (;;) {
      const newline = text.indexOf("\n", at);
      const stop = newline === -1 ? text.length : newline;
      end = text[stop - 1] === "\r" && stop > at ? stop - 1 : stop;
      const stretch = text.slice(at, end);
      at = stop + 1;
      stretches.push(stretches.length > 0 && recipe ? stretch.replace(/^\t/, "") : stretch);
      if (!continues(stretch) || newline === -1) break;
    }
    const joined = recipe
      ? stretches.join("\n")
      : stretches
          .map((stretch, i) => (i < stretches.length - 1 ? `${stretch.slice(0, -1).trimEnd()} ` : stretch))
          .map((stretch, i) => (i === 0 ? stretch : stretch.trimStart()))
          .join("");
    lines.push({ text: recipe ? joined.slice(1) : joined, span: { start: recipe ? start + 1 : start, end }, recipe });
    start = at;
  }
  return lines;
}

/** Whether a line ends in a backslash that is not itself behind one. */
function continues(line: string): boolean {
  let backslashes = 0;
  while (line[line.length - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

function recipeLine(line: LogicalLine, conditions: readonly MakeCondition[]): RecipeLine[] {
  const [prefix = ""] = /^[\s@+-]*/.exec(line.text) ?? [];
  const text = line.text.slice(prefix.length);
  if (text === "") return [];
  return [{ text, ignoresErrors: prefix.includes("-"), conditions, span: { start: line.span.start + prefix.length, end: line.span.end } }];
}

/** `#` begins a comment unless a backslash stands before it. */
const withoutComment = (text: string): string => text.replace(/(^|[^\\])#.*$/s, "$1");

/** The conditions of what stands behind `else` or `else ifeq …`. */
function otherwise(before: readonly MakeCondition[], content: string): MakeCondition[] {
  const last = before.at(-1);
  const negated = last === undefined ? [] : [...before.slice(0, -1), { ...last, negated: !last.negated }];
  const [further, keyword, argument] = CONDITION.exec(content.replace(/^else\s*/, "")) ?? [];
  return further === undefined ? negated : [...negated, { keyword: keyword as MakeCondition["keyword"], text: (argument ?? "").trim(), negated: false }];
}

const operatorOf = (written: string): MakeVariable["operator"] => (/^::?:?=$/.test(written) ? ":=" : (written as MakeVariable["operator"]));

function assignment(content: string, targets: string | undefined, conditions: readonly MakeCondition[], span: Span): MakeVariable | undefined {
  const [all, words = "", name, operator, value = ""] = ASSIGNMENT.exec(content) ?? [];
  if (all === undefined || name === undefined || operator === undefined || /\bundefine\b/.test(words)) return undefined;
  return {
    kind: "variable",
    name,
    operator: operatorOf(operator),
    value: value.trimEnd(),
    targets,
    override: /\boverride\b/.test(words),
    exported: /\bexport\b/.test(words),
    conditions,
    span,
  };
}

function ruleOf(
  line: LogicalLine,
  content: string,
  conditions: readonly MakeCondition[],
): { readonly statement: MakeRule | MakeVariable; readonly recipe: RecipeLine[] | undefined } | undefined {
  const colon = colonOf(content);
  if (colon === -1) return undefined;
  const targets = content.slice(0, colon).trim().replace(/&$/, "").trim();
  const behind = content.slice(colon).replace(/^::?/, "");
  if (targets === "") return undefined;
  const variable = assignment(behind.trim(), targets, conditions, line.span);
  if (variable !== undefined) return { statement: variable, recipe: undefined };
  const semicolon = behind.indexOf(";");
  const [first, second] = splitPattern(semicolon === -1 ? behind : behind.slice(0, semicolon));
  const recipe: RecipeLine[] = [];
  if (semicolon !== -1) {
    const at = line.text.indexOf(";") + 1;
    const text = line.text.slice(at);
    recipe.push(...recipeLine({ text, span: { start: Math.min(line.span.start + at, line.span.end), end: line.span.end }, recipe: true }, conditions));
  }
  const pattern = second === undefined ? undefined : first.trim();
  const prerequisites = (second ?? first).replaceAll("|", " ").trim();
  return { statement: { kind: "rule", targets, pattern, prerequisites, recipe, conditions, span: line.span }, recipe };
}

/** The first colon outside `$(…)`. */
function colonOf(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "$" && (text[i + 1] === "(" || text[i + 1] === "{")) depth++;
    else if (depth > 0 && (text[i] === ")" || text[i] === "}")) depth--;
    else if (text[i] === ":" && depth === 0) return i;
  }
  return -1;
}

function splitPattern(text: string): readonly [string, string | undefined] {
  const colon = colonOf(text);
  return colon === -1 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}
