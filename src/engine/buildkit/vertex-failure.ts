import { type Facts, type ProblemCode, type ProblemDetails, ProblemError } from "../../core/problem.ts";
import { readVertexName } from "../../explain/vertex-name.ts";
import { cleanWords } from "../../registry/client/redact.ts";
import { type FailedAt, KNOWN_FAILURES } from "./known-failures.ts";
import { programFailure } from "./program-failure.ts";

/** What failed, as BuildKit tells it. */
export interface ToldVertex {
  readonly name: string;
  readonly platforms: readonly string[];
  readonly error: string;
  readonly lines: readonly string[];
}

/** A failure by its words. */
export interface NamedFailure {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
}

/** The problem of a vertex while the build still runs: what can be told by its words alone. */
export function vertexFailure(told: ToldVertex): ProblemError {
  const at = failedAt(told, "the builder", true);
  const { code, details } = nameFailure(told.error, told.lines, at) ?? unnamed(told.error, at);
  return new ProblemError(code, { ...details, facts: { ...details.facts, ...vertexFacts(told) } });
}

/** Undefined: nobody has a name for it. */
export function nameFailure(words: string, lines: readonly string[], at: FailedAt): NamedFailure | undefined {
  const program = programFailure(words, lines, at);
  if (program !== undefined) return program;
  for (const known of KNOWN_FAILURES) {
    if (known.when?.(at) === false) continue;
    const match = known.words.exec(words);
    if (match === null) continue;
    const { hint } = known;
    const message = sentence(known.message?.(match, at) ?? firstLine(words));
    return { code: known.code, details: { message, hint: typeof hint === "function" ? hint(match, at) : hint, facts: known.facts?.(match) ?? {} } };
  }
  return undefined;
}

/** In BuildKit's own words. */
export function unnamed(words: string, { instruction }: FailedAt): NamedFailure {
  const message = sentence(instruction === "" || words.includes(instruction) ? firstLine(words) : `${instruction}: ${firstLine(words)}`);
  return { code: "buildkit-failed", details: { message } };
}

export function failedAt(told: Pick<ToldVertex, "name" | "platforms"> | undefined, builder: string, answered: boolean): FailedAt {
  const [platform, ...more] = told?.platforms ?? [];
  return {
    instruction: told === undefined ? "" : readVertexName(told.name).instruction,
    platform: platform === undefined || more.length > 0 ? "" : ` (${platform})`,
    builder,
    answered,
  };
}

export function vertexFacts({ name, platforms }: Pick<ToldVertex, "name" | "platforms">): Facts {
  return { vertex: name, ...(platforms.length === 0 ? {} : { platform: platforms.join(",") }) };
}

/** How the token was asked for tells nothing beside the answer. */
const ASKING = /failed to (?:authorize|fetch \w+ token): /g;
const sentence = (words: string): string => cleanWords(words.replace(ASKING, "")).replace(/\.$/, "");

const firstLine = (text: string): string => text.split("\n", 1)[0] as string;
