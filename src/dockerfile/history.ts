import { withoutSecrets } from "../core/git-address.ts";
import { assertNever } from "../core/never.ts";
import type { ArgInstruction, CommandLine, HealthcheckInstruction, Instruction, RunInstruction, TransferInstruction } from "./ast.ts";
import { formatDuration } from "./duration.ts";
import { goQuote, goQuoteList, goQuoteNumber } from "./go-quote.ts";
import { heredocOpening } from "./heredoc.ts";
import { exposedPorts } from "./ports.ts";

/** What `created_by` needs beside the instruction. */
export interface HistoryFacts {
  /** CMD, ENTRYPOINT, RUN: what a shell-form command is given to; SHELL's words, or the platform's own (`/bin/sh -c`). */
  readonly shell: readonly string[];
  /** WORKDIR: the absolute path that it leads to. */
  readonly workdir: string;
  /** ARG: its names with the values in effect, in order. RUN: every ARG of the stage up to here, with its value in the environment. Absent value: none. */
  readonly args: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** Since BuildKit v0.30 HEALTHCHECK is told with the names of its fields; Docker 28.5, which holds v0.25, does not. */
  readonly namedHealthFields?: boolean;
}

/**
 * `created_by` of the history entry that BuildKit writes for an expanded instruction; absent for ONBUILD, which writes none.
 *
 * The forms, equal in BuildKit v0.25 (Docker 28.5) and 73ed6825 (2026-08-21) but for HEALTHCHECK. `empty_layer` is true for all but ADD, COPY,
 * RUN, and WORKDIR to anything but `/`; `comment` is always `buildkit.dockerfile.v0`. Only ADD, COPY and RUN end in ` # buildkit`.
 *
 *     ADD, COPY    COPY [--parents] [--chown=…] [--chmod=…] SOURCE… <<NAME… DESTINATION # buildkit   (expanded; other flags are not told)
 *     ARG          ARG NAME[=VALUE] NAME[=VALUE]        value in effect: --build-arg, expanded default, or the global ARG's
 *     CMD          CMD ["word" "word"]                  Go's %q, no commas; shell form with the shell before it
 *     ENTRYPOINT   as CMD
 *     ENV, LABEL   ENV A=b C=d                          expanded, unquoted
 *     EXPOSE       EXPOSE [80/tcp 443/tcp]              ranges spread, sorted as written (as texts)
 *     HEALTHCHECK  HEALTHCHECK &{["CMD-SHELL" "x"] "30s" "0s" "0s" "0s" '\x03'}
 *                  v0.30: HEALTHCHECK {Test:[CMD-SHELL x] Interval:30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:3}
 *     MAINTAINER   MAINTAINER text
 *     RUN          RUN |1 ARG=value /bin/sh -c text # buildkit     the bar and the arguments only where the stage has any
 *     SHELL        SHELL [/bin/bash -c]
 *     STOPSIGNAL   STOPSIGNAL SIGTERM
 *     USER         USER name
 *     VOLUME       VOLUME [/a /b]
 *     WORKDIR      WORKDIR /absolute                    the path it leads to, not as written
 *
 * @throws {ProblemError} `dockerfile-semantics` for an EXPOSE that names no port
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go (`commitToHistory` and its callers), read 2026-11-22
 */
export function historyText(expanded: Instruction, facts: HistoryFacts): string | undefined {
  switch (expanded.kind) {
    case "copy":
    case "add":
      return transferText(expanded);
    case "arg":
      return argText(expanded, facts);
    case "cmd":
    case "entrypoint":
      return `${expanded.kind === "cmd" ? "CMD" : "ENTRYPOINT"} ${goQuoteList(commandArguments(expanded.command, facts.shell))}`;
    case "env":
    case "label":
      return [expanded.kind === "env" ? "ENV" : "LABEL", ...expanded.pairs.map(({ key, value }) => `${key.text}=${value.text}`)].join(" ");
    case "expose":
      return `EXPOSE [${exposedPorts(expanded.words.map(({ text }) => text)).join(" ")}]`;
    case "healthcheck":
      return `HEALTHCHECK ${healthText(expanded, facts.namedHealthFields === true)}`;
    case "run":
      return runText(expanded, facts);
    case "shell":
      return `SHELL [${expanded.shell.join(" ")}]`;
    case "volume":
      return `VOLUME [${expanded.words.map(({ text }) => text).join(" ")}]`;
    case "maintainer":
    case "stopsignal":
    case "user":
      return `${expanded.kind.toUpperCase()} ${expanded.word.text}`;
    case "workdir":
      return `WORKDIR ${facts.workdir}`;
    case "onbuild":
      return undefined;
    default:
      return assertNever(expanded);
  }
}

/** The words that are executed: a shell-form command behind the shell's. */
export const commandArguments = (command: CommandLine, shell: readonly string[]): readonly string[] =>
  command.shell ? [...shell, ...command.words] : command.words;

/** HEALTHCHECK's `Test` as the image's config has it. */
export function healthTest({ test }: HealthcheckInstruction): string[] {
  return test === "none" ? ["NONE"] : [test.shell ? "CMD-SHELL" : "CMD", ...test.words];
}

/**
 * The words that RUN executes. A single here-document is the shell's script itself; several, or one with a command around it, are put back
 * behind the line for the shell to read. A script that begins with `#!` is executed as a file, `/dev/pipes/NAME` (on Linux).
 */
export function runArguments({ command, heredocs }: RunInstruction, shell: readonly string[]): readonly string[] {
  const [first] = heredocs;
  const line = command.words[0] ?? "";
  if (first === undefined) return commandArguments(command, shell);
  if (heredocOpening(line) === undefined) return [...shell, [line, ...heredocs.map(({ raw, name }) => `${raw}${name}`)].join("\n")];
  return [...shell, first.content.startsWith("#!") ? `/dev/pipes/${first.name}` : first.content];
}

function transferText(instruction: TransferInstruction): string {
  return [
    instruction.kind === "copy" ? "COPY" : "ADD",
    ...(instruction.parents ? ["--parents"] : []),
    ...(instruction.chown === undefined || instruction.chown.text === "" ? [] : [`--chown=${instruction.chown.text}`]),
    ...(instruction.chmod === undefined || instruction.chmod.text === "" ? [] : [`--chmod=${instruction.chmod.text}`]),
    // BuildKit leaves user and password of an address in the image for all to read; we do not.
    ...instruction.sources.map(({ text }) => withoutSecrets(text)),
    ...instruction.heredocs.map(({ name }) => `<<${name}`),
    instruction.destination.text,
    "# buildkit",
  ].join(" ");
}

function argText(instruction: ArgInstruction, { args }: HistoryFacts): string {
  return ["ARG", ...instruction.args.map(({ name }, i) => assignment(name.text, args[i]?.value))].join(" ");
}

const assignment = (name: string, value: string | undefined): string => (value === undefined ? name : `${name}=${value}`);

function runText(instruction: RunInstruction, { args, shell }: HistoryFacts): string {
  // Of an ARG that is given twice the last value is told, at the first one's place.
  const values = new Map(args.map(({ name, value }) => [name, value ?? ""]));
  const told = [...values].map(([name, value]) => `${name}=${value}`);
  return ["RUN", ...(told.length === 0 ? [] : [`|${told.length}`, ...told]), ...runArguments(instruction, shell), "# buildkit"].join(" ");
}

function healthText(instruction: HealthcheckInstruction, named: boolean): string {
  const test = healthTest(instruction);
  const times = [instruction.interval, instruction.timeout, instruction.startPeriod, instruction.startInterval].map((time) => formatDuration(time ?? 0));
  const retries = instruction.retries ?? 0;
  if (!named) return `&{${[goQuoteList(test), ...times.map(goQuote), goQuoteNumber(retries)].join(" ")}}`;
  const names = ["Interval", "Timeout", "StartPeriod", "StartInterval"];
  return `{${[`Test:[${test.join(" ")}]`, ...times.map((time, i) => `${names[i]}:${time}`), `Retries:${retries}`].join(" ")}}`;
}
