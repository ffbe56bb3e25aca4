import { type Command, literalOf, type Script, type Within } from "../../shell/script.ts";
import type { Environment } from "../environment.ts";
import type { ScriptOutcome } from "../script-step.ts";
import { textOf } from "../text.ts";

/** What is known of a command because a builder is there or not. */
export interface Fallback {
  /** It certainly does not run, or fails and is meant to. */
  readonly skipped: boolean;
  /** Enclosures that are no conditions, for what they hang on is known. */
  readonly taken: readonly Within[];
}

const NONE: Fallback = { skipped: false, taken: [] };
const LOOKS_AT = /^(?:docker buildx|docker-buildx)$/;
const IF =
  /^(?:if|elif)\s+(!\s+)?(?:docker |docker-)buildx (?:inspect|use)\s+(?:--[\w-]+\s+)*([\w.-]+)(?:\s*(?:&?[0-9]?>+\s*(?:\/dev\/null|&[0-9])\s*)*);?\s*(?:then|\n)/;

/**
 * `docker buildx inspect x || docker buildx create --name x` and its kin hang on whether a builder of that name is there.
 * @param exists  undefined when nobody knows
 * @param asked  answers of before: all branches of one `if` go by the same
 */
export function fallbackOf(script: Script, command: Command, exists: (name: string) => boolean | undefined, asked: Map<number, boolean | undefined>): Fallback {
  const taken: Within[] = [];
  for (const one of command.within) {
    if (one.kind !== "or" && one.kind !== "if") continue;
    const once = (name: string): boolean | undefined => {
      if (!asked.has(one.span.start)) asked.set(one.span.start, exists(name));
      return asked.get(one.span.start);
    };
    const runs = one.kind === "or" ? behindOr(script, one, once) : inBranch(script, one, once);
    if (runs === false) return { skipped: true, taken: [] };
    if (runs === true) taken.push(one);
  }
  const name = lookedAt(command);
  if (name !== undefined && exists(name) === false && isBeforeOr(script, command)) return { skipped: true, taken: [] };
  return taken.length === 0 ? NONE : { skipped: false, taken };
}

function behindOr(script: Script, list: Within, exists: (name: string) => boolean | undefined): boolean | undefined {
  const left = script.statements.filter(
    (one) => inside(one.span, list.span) && !one.within.includes(list) && !one.within.some((other) => other.kind === "or" && sameSpan(other, list)),
  );
  const [only] = left;
  const name = left.length === 1 && only?.kind === "command" ? lookedAt(only) : undefined;
  const there = name === undefined ? undefined : exists(name);
  return there === undefined ? undefined : !there;
}

function inBranch({ text }: Script, branch: Within, exists: (name: string) => boolean | undefined): boolean | undefined {
  const [, negated, name] = IF.exec(text.slice(branch.span.start, branch.span.start + 400)) ?? [];
  const there = name === undefined ? undefined : exists(name);
  if (there === undefined || branch.branch > 1) return undefined;
  return (negated === undefined ? there : !there) === (branch.branch === 0);
}

/** The builder that `docker buildx inspect` or `use` names. */
function lookedAt({ words }: Command): string | undefined {
  const plain = words.map(literalOf).filter((word) => word?.startsWith("-") !== true);
  const at = plain[0] === "docker-buildx" ? 1 : 2;
  if (!LOOKS_AT.test(plain.slice(0, at).join(" ")) || (plain[at] !== "inspect" && plain[at] !== "use")) return undefined;
  return plain[at + 1];
}

const isBeforeOr = (script: Script, command: Command): boolean =>
  script.statements.some((statement) =>
    statement.within.some((one) => one.kind === "or" && one.span.start === command.span.start && one.span.end > command.span.end),
  );

const inside = (inner: { start: number; end: number }, outer: { start: number; end: number }): boolean => inner.start >= outer.start && inner.end <= outer.end;
const sameSpan = (a: Within, b: Within): boolean => a.span.start === b.span.start && a.span.end === b.span.end;

/** Whether a builder of that name is there by now; undefined when nobody knows. */
export function hasBuilder(name: string, { builders, doubts, runner }: Environment, found: ScriptOutcome["operations"]): boolean | undefined {
  const earlier = builders.get(name);
  let there: boolean | undefined = earlier?.certain ?? (runner.kind === "hosted" && doubts.length === 0 ? false : undefined);
  if (earlier?.certain === false) there = undefined;
  for (const { operation, sure } of found) {
    if (operation.kind === "doubt") there = undefined;
    const names = operation.kind === "create-builder" ? [operation.name] : operation.kind === "remove-builder" ? operation.names.items : undefined;
    if (names === undefined || !names.some((one) => one === undefined || (textOf(one) ?? name) === name)) continue;
    const made = names.some((one) => textOf(one) === name);
    if (operation.kind === "create-builder" && !made && names[0] === undefined) continue;
    there = sure && made ? operation.kind === "create-builder" : undefined;
  }
  return there;
}
