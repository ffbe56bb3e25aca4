import type { Span } from "../core/span.ts";
import { type Automatic, type MakeStart, MakeVariables } from "./make-variables.ts";
import type { Makefile, MakeRule } from "./makefile.ts";

/** A line that make gives to a shell of its own: read it with `parseScript`. */
export interface ShellLine {
  /** Expanded; what is unknown stands as `${{ makefile NAME }}`. */
  readonly text: string;
  /** The target whose recipe it is of. */
  readonly target: string;
  readonly ignoresErrors: boolean;
  /** False when a condition of the Makefile, which cannot be known, decides whether it runs or what it says. */
  readonly sure: boolean;
  /** What its shell finds in its environment of the Makefile's variables, in the same form as the text. */
  readonly environment: ReadonlyMap<string, string>;
  /** Of the line in the Makefile. */
  readonly span: Span;
}

export interface Recipe {
  /** In the order in which make runs them: a target's prerequisites first, each target once. */
  readonly lines: readonly ShellLine[];
  /** Targets that no rule makes (they may be files, or come from an included Makefile). */
  readonly missing: readonly string[];
  /** The shell that runs the lines; "/bin/sh" unless `SHELL` says otherwise. */
  readonly shell: string;
  /** Not everything was followed: too many lines or targets. */
  readonly cut: boolean;
}

const MOST_LINES = 5000;
const DEEPEST = 200;

/** A rule for the targets that it names, expanded. */
interface Settled {
  readonly rule: MakeRule;
  readonly targets: readonly string[];
  readonly sure: boolean;
}

/** A rule that makes a target, and what `%` stands for. */
interface Fitting {
  readonly rule: MakeRule;
  readonly stem: string;
  readonly sure: boolean;
}

/** What `make TARGETS` runs. Without targets it is the first target of the Makefile that does not begin with a dot. */
export function recipeOf(makefile: Makefile, targets: readonly string[], start: MakeStart): Recipe {
  const variables = MakeVariables.of(makefile, start);
  const rules = settle(makefile, variables);
  const byTarget = new Map<string, Settled[]>();
  for (const settled of rules) {
    for (const target of settled.targets) {
      const naming = byTarget.get(target);
      if (naming === undefined) byTarget.set(target, [settled]);
      else naming.push(settled);
    }
  }
  const oneShell = byTarget.has(".ONESHELL");
  const patterns = rules.filter(({ targets }) => targets.some((target) => target.includes("%")));
  const specific = makefile.statements.flatMap((one) =>
    one.kind === "variable" && one.targets !== undefined ? [{ variable: one, targets: wordsOf(variables.expand(one.targets)) }] : [],
  );
  const lines: ShellLine[] = [];
  const missing: string[] = [];
  const seen = new Set<string>();
  let cut = false;
  const visit = (target: string, outer: MakeVariables, depth: number): void => {
    if (seen.has(target)) return;
    seen.add(target);
    const own = specific.filter(({ targets }) => targets.some((pattern) => stemOf(pattern, target) !== undefined));
    const scope = outer.with(own.map(({ variable }) => variable));
    const found = rulesFor(target, byTarget.get(target) ?? [], patterns);
    if (found.length === 0) missing.push(target);
    if (depth >= DEEPEST || lines.length >= MOST_LINES) {
      cut = true;
      return;
    }
    const prerequisites = found.flatMap(({ rule, stem }) => {
      const words = wordsOf(scope.expand(rule.prerequisites, { "@": target, "*": stem }));
      return stem === "" ? words : words.map((word) => word.replace("%", () => stem));
    });
    for (const one of prerequisites) visit(one, scope, depth + 1);
    let environment: ReadonlyMap<string, string> | undefined;
    for (const { rule, stem, sure } of found) {
      const automatic: Automatic = { "@": target, "*": stem, "<": prerequisites[0] ?? "", "^": [...new Set(prerequisites)].join(" ") };
      for (const line of rule.recipe) {
        const holds = scope.holds(line.conditions);
        if (holds === false) continue;
        if (lines.length >= MOST_LINES) {
          cut = true;
          return;
        }
        const guesses = scope.guesses;
        const expanded = scope.expand(line.text, automatic);
        const certain = sure && holds === true && scope.guesses === guesses;
        environment ??= scope.exported(automatic);
        for (const { text, ignoresErrors } of shellLines(expanded)) {
          const made = { text, target, ignoresErrors: ignoresErrors || line.ignoresErrors, sure: certain, environment, span: line.span };
          const last = oneShell ? lines.at(-1) : undefined;
          if (last?.target === target) lines[lines.length - 1] = { ...last, text: `${last.text}\n${text}`, sure: last.sure && certain };
          else lines.push(made);
        }
      }
    }
  };
  const wanted = targets.length > 0 ? targets : defaultTarget(rules);
  for (const target of wanted) visit(target, variables, 0);
  const shell = variables.expand("$(SHELL)");
  // make does not take SHELL from the environment.
  const set = makefile.statements.some((one) => one.kind === "variable" && one.name === "SHELL");
  return { lines, missing, shell: set ? shell : "/bin/sh", cut };
}

/** A line of a recipe may come to be several (`define`), each with prefixes of its own. */
function shellLines(expanded: string): { readonly text: string; readonly ignoresErrors: boolean }[] {
  const found: { text: string; ignoresErrors: boolean }[] = [];
  let open = false;
  for (const line of expanded.split("\n")) {
    const last = found.at(-1);
    if (open && last !== undefined) last.text += `\n${line.replace(/^\t/, "")}`;
    else {
      const prefix = /^[\s@+-]*/.exec(line)?.[0] ?? "";
      found.push({ text: line.slice(prefix.length), ignoresErrors: prefix.includes("-") });
    }
    open = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
  }
  return found.filter(({ text }) => text !== "");
}

function settle(makefile: Makefile, variables: MakeVariables): Settled[] {
  return makefile.statements.flatMap((rule): Settled[] => {
    if (rule.kind !== "rule") return [];
    const holds = variables.holds(rule.conditions);
    return holds === false ? [] : [{ rule, targets: wordsOf(variables.expand(rule.targets)), sure: holds === true }];
  });
}

function defaultTarget(rules: readonly Settled[]): readonly string[] {
  const first = rules.flatMap(({ targets }) => targets).find((target) => !target.startsWith(".") && !target.includes("%"));
  return first === undefined ? [] : [first];
}

/** Every rule that names the target; when none of them has a recipe, the first pattern rule that fits too. */
function rulesFor(target: string, naming: readonly Settled[], patterns: readonly Settled[]): Fitting[] {
  const named = naming.map(({ rule, sure }) => ({ rule, stem: rule.pattern === undefined ? "" : (stemOf(rule.pattern, target) ?? ""), sure }));
  if (named.some(({ rule }) => rule.recipe.length > 0)) return named;
  for (const { rule, targets, sure } of patterns) {
    for (const pattern of targets) {
      const stem = pattern.includes("%") ? stemOf(pattern, target) : undefined;
      if (stem !== undefined) return [...named, { rule, stem, sure }];
    }
  }
  return named;
}

/** What `%` stands for; "" for a pattern without it that is the target itself. */
function stemOf(pattern: string, target: string): string | undefined {
  const at = pattern.indexOf("%");
  if (at === -1) return pattern === target ? "" : undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  if (target.length <= before.length + after.length || !target.startsWith(before) || !target.endsWith(after)) return undefined;
  return target.slice(before.length, target.length - after.length);
}

/** Words between blanks; an unknown piece (`${{ makefile X }}`) does not fall apart, and names nothing that can be followed. */
const wordsOf = (text: string): string[] => (text.match(/(?:\$\{\{.*?\}\}|\S)+/g) ?? []).filter((word) => !word.includes("${{"));
