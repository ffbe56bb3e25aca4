import { readJsonList } from "./arguments.ts";
import type { HealthcheckInstruction, Word } from "./ast.ts";
import { readCommand } from "./command-line.ts";
import { parseDuration } from "./duration.ts";
import { type FlagValues, readFlags } from "./flags.ts";
import type { InstructionLine } from "./instruction-line.ts";
import { argumentsSpan, baseOf, type ReadContext, restOf } from "./read-context.ts";
import { isAsciiSpace } from "./white-space.ts";

const MILLISECOND = 1_000_000;

/** HEALTHCHECK. */
export function readHealthcheck(parts: InstructionLine, context: ReadContext): HealthcheckInstruction | undefined {
  const { complaints } = context;
  const rest = restOf(parts);
  let typeEnd = 0;
  while (typeEnd < rest.length && !isAsciiSpace(rest.charAt(typeEnd))) typeEnd++;
  const type = rest.slice(0, typeEnd).toUpperCase();
  let start = parts.start + typeEnd;
  while (start < parts.end && isAsciiSpace(parts.line.text.charAt(start))) start++;
  if (type === "") {
    complaints.error(parts.keywordSpan, "HEALTHCHECK needs NONE, or CMD and a command");
    return undefined;
  }
  if (type === "NONE") {
    // An empty array is no argument, to BuildKit.
    if (start < parts.end && readJsonList(parts.line, start, parts.end).length > 0)
      complaints.error(parts.line.spanOf(start, parts.end), "HEALTHCHECK NONE takes no arguments", "remove them");
    for (const flag of parts.flags) complaints.warning(flag.span, `flag --${flag.name} means nothing with HEALTHCHECK NONE`, "remove it");
    return { kind: "healthcheck", ...baseOf(parts, context), test: "none" };
  }
  if (type !== "CMD") {
    complaints.error(
      parts.line.spanOf(parts.start, parts.start + typeEnd),
      `HEALTHCHECK knows NONE and CMD, not "${rest.slice(0, typeEnd)}"`,
      "put CMD before the command",
    );
    return undefined;
  }
  const flags = readFlags(
    "HEALTHCHECK",
    parts.flags,
    { interval: "text", timeout: "text", "start-period": "text", "start-interval": "text", retries: "text" },
    complaints,
  );
  const test = readCommand(parts, start, context);
  if (test === undefined) return undefined;
  if (test.words.length === 0 || (test.shell && test.words[0] === "")) {
    complaints.error(argumentsSpan(parts), "HEALTHCHECK CMD has no command", "write the command that tells whether the container is well");
    return undefined;
  }
  const times = {
    ...time("interval", "interval", flags, context),
    ...time("timeout", "timeout", flags, context),
    ...time("startPeriod", "start-period", flags, context),
    ...time("startInterval", "start-interval", flags, context),
  };
  const retries = readRetries(flags.text("retries"), context);
  return { kind: "healthcheck", ...baseOf(parts, context), test, ...times, ...(retries === undefined ? {} : { retries }) };
}

/** A duration; nothing and zero mean that the engine's default holds. */
function time<K extends string>(field: K, flag: string, flags: FlagValues, { complaints }: ReadContext): { readonly [key in K]?: number } {
  const word = flags.text(flag);
  const value = word === undefined ? 0 : parseDuration(word.text);
  if (word !== undefined && value === undefined)
    complaints.error(word.span, `"${word.text}" is not a duration`, "write a number with its unit, such as 30s, 1m30s or 500ms");
  else if (word !== undefined && value !== 0 && (value as number) < MILLISECOND)
    complaints.error(word.span, `--${flag} is less than 1ms`, "write at least 1ms, or 0s for the default");
  else if (value !== undefined && value !== 0) return { [field]: value } as { readonly [key in K]?: number };
  return {};
}

function readRetries(word: Word | undefined, { complaints }: ReadContext): number | undefined {
  if (word === undefined) return undefined;
  const value = /^[-+]?\d+$/.test(word.text) ? Number(word.text) : Number.NaN;
  if (value >= 0 && value < 2 ** 31) return value === 0 ? undefined : value;
  complaints.error(word.span, `--retries cannot be "${word.text}"`, "write a whole number, 0 for the default");
  return undefined;
}
