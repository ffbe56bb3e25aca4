import { nearest } from "../core/nearest.ts";
import { assertNever } from "../core/never.ts";
import { readJsonList, splitAtSpace, wordOf } from "./arguments.ts";
import type {
  CommandInstruction,
  FromInstruction,
  Instruction,
  OnbuildInstruction,
  ShellInstruction,
  SingleWordInstruction,
  WordListInstruction,
} from "./ast.ts";
import { jsonHint, readCommand } from "./command-line.ts";
import { readFlags } from "./flags.ts";
import { readFrom } from "./from.ts";
import { readHealthcheck } from "./healthcheck.ts";
import { type InstructionLine, splitInstruction } from "./instruction-line.ts";
import { KEYWORDS, keywordOf } from "./keywords.ts";
import { argumentsSpan, baseOf, type ReadContext, restOf } from "./read-context.ts";
import { readRun } from "./run.ts";
import { readTransfer } from "./transfer.ts";
import { readArg, readPairs } from "./variables.ts";
import { trimmedRange } from "./white-space.ts";

/**
 * Reads one instruction; complains and gives what could be read, or nothing.
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/parse.go, read 2026-11-22
 */
export function readInstruction(parts: InstructionLine, context: ReadContext): Instruction | FromInstruction | undefined {
  const keyword = keywordOf(parts.keyword);
  switch (keyword) {
    case "ADD":
    case "COPY":
      return readTransfer(keyword, parts, context);
    case "ARG":
      return readArg(parts, context);
    case "CMD":
    case "ENTRYPOINT":
      return readDefault(keyword, parts, context);
    case "ENV":
    case "LABEL":
      return readPairs(keyword, parts, context);
    case "EXPOSE":
    case "VOLUME":
      return readList(keyword, parts, context);
    case "FROM":
      return readFrom(parts, context);
    case "HEALTHCHECK":
      return readHealthcheck(parts, context);
    case "MAINTAINER":
    case "STOPSIGNAL":
    case "USER":
    case "WORKDIR":
      return readSingle(keyword, parts, context);
    case "ONBUILD":
      return readOnbuild(parts, context);
    case "RUN":
      return readRun(parts, context);
    case "SHELL":
      return readShell(parts, context);
    case undefined: {
      const near = nearest(parts.keyword, KEYWORDS);
      if (parts.keyword === "") context.complaints.error(context.span, "a continuation leads to nothing", "remove the continuation character");
      else
        context.complaints.error(
          parts.keywordSpan,
          `"${parts.keyword}" is not an instruction`,
          near === undefined ? `instructions are ${KEYWORDS.join(", ")}` : `did you mean ${near}?`,
        );
      return undefined;
    }
    default:
      return assertNever(keyword);
  }
}

function readDefault(keyword: "CMD" | "ENTRYPOINT", parts: InstructionLine, context: ReadContext): CommandInstruction | undefined {
  readFlags(keyword, parts.flags, {}, context.complaints);
  const command = readCommand(parts, parts.start, context);
  return command && { kind: keyword === "CMD" ? "cmd" : "entrypoint", ...baseOf(parts, context), command };
}

function readSingle(
  keyword: "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR",
  parts: InstructionLine,
  context: ReadContext,
): SingleWordInstruction | undefined {
  const { complaints } = context;
  if (keyword === "STOPSIGNAL") {
    for (const flag of parts.flags) complaints.warning(flag.span, `STOPSIGNAL has no flags: "--${flag.name}" is not heeded`, "remove it");
  } else readFlags(keyword, parts.flags, {}, complaints);
  if (parts.start === parts.end) {
    complaints.error(parts.keywordSpan, `${keyword} needs exactly one argument`);
    return undefined;
  }
  if (keyword === "MAINTAINER") complaints.note(parts.keywordSpan, "MAINTAINER is deprecated", "write LABEL org.opencontainers.image.authors=…");
  const kinds = { MAINTAINER: "maintainer", STOPSIGNAL: "stopsignal", USER: "user", WORKDIR: "workdir" } as const;
  return { kind: kinds[keyword], ...baseOf(parts, context), word: wordOf(parts.line, { text: restOf(parts), start: parts.start, end: parts.end }) };
}

function readList(keyword: "EXPOSE" | "VOLUME", parts: InstructionLine, context: ReadContext): WordListInstruction | undefined {
  const { complaints, syntax } = context;
  const { line } = parts;
  readFlags(keyword, parts.flags, {}, complaints);
  const list = keyword === "VOLUME" ? readJsonList(line, parts.start, parts.end) : "no-json";
  if (list === "no-strings") {
    syntax.error(
      argumentsSpan(parts),
      "the JSON array of VOLUME holds other things than strings",
      'write each path as a string in double quotes, such as ["/data"]',
    );
    return undefined;
  }
  const pieces = list === "no-json" ? splitAtSpace(line, parts.start, parts.end) : list;
  if (pieces.length === 0) {
    complaints.error(argumentsSpan(parts), `${keyword} needs at least one argument`);
    return undefined;
  }
  if (list === "no-json" && /^\[["']/.test(restOf(parts))) {
    complaints.note(argumentsSpan(parts), "this looks like a JSON array but is none, so its words are taken as they stand", jsonHint(restOf(parts)));
  }
  const words = pieces.map((piece) => {
    if (keyword === "EXPOSE") return wordOf(line, piece);
    const { text, start } = piece;
    const { start: from, end: to } = trimmedRange(text);
    return wordOf(line, { text: text.slice(from, to), start: start + from, end: start + to });
  });
  const empty = words.find(({ text }) => text === "");
  if (empty !== undefined) {
    complaints.error(empty.span, `${keyword} has an empty argument`, "remove it");
    return undefined;
  }
  return { kind: keyword === "EXPOSE" ? "expose" : "volume", ...baseOf(parts, context), words };
}

function readShell(parts: InstructionLine, context: ReadContext): ShellInstruction | undefined {
  const { complaints, syntax } = context;
  readFlags("SHELL", parts.flags, {}, complaints);
  const list = readJsonList(parts.line, parts.start, parts.end);
  if (list === "no-strings") syntax.error(argumentsSpan(parts), "the JSON array of SHELL holds other things than strings", 'write SHELL ["/bin/bash", "-c"]');
  else if (parts.start === parts.end || list.length === 0)
    complaints.error(argumentsSpan(parts), "SHELL needs at least one argument", 'write SHELL ["/bin/bash", "-c"]');
  else if (list === "no-json") complaints.error(argumentsSpan(parts), "SHELL takes a JSON array only", 'write SHELL ["/bin/bash", "-c"]');
  else return { kind: "shell", ...baseOf(parts, context), shell: list.map(({ text }) => text) };
  return undefined;
}

/** ONBUILD. BuildKit looks into the trigger only when it is triggered, so what is wrong with it is a warning here. */
function readOnbuild(parts: InstructionLine, context: ReadContext): OnbuildInstruction | undefined {
  const { complaints } = context;
  readFlags("ONBUILD", parts.flags, {}, complaints);
  if (parts.start === parts.end) {
    complaints.error(parts.keywordSpan, "ONBUILD needs an instruction");
    return undefined;
  }
  const inner = splitInstruction(parts.line, parts.start, parts.end, context.escape);
  const keyword = keywordOf(inner.keyword);
  if (keyword === "ONBUILD" || keyword === "FROM" || keyword === "MAINTAINER") {
    complaints.error(inner.keywordSpan, `${keyword} cannot be a trigger of ONBUILD`, "write another instruction behind ONBUILD");
    return undefined;
  }
  const trigger = readInstruction(inner, { ...context, complaints: complaints.softly }) as Instruction | undefined;
  return {
    kind: "onbuild",
    ...baseOf(parts, context),
    expression: [expressionOf(parts.line.text), ...context.heredocs.map(({ raw, name }) => `${raw}${name}`)].join("\n"),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

/** The line behind the keyword, with the white space at its end: that is what goes into the image's config. */
function expressionOf(line: string): string {
  let start = trimmedRange(line).start + "ONBUILD".length;
  while (/[\t\n\f\r ]/.test(line.charAt(start))) start++;
  return line.slice(start);
}
