import { Command, CommanderError, Option } from "commander";
import { ProblemError } from "../core/problem.ts";
import { problemText } from "../report/problem-text.ts";
import { COMMANDS, type CommandSpec, type FlagSpec, type Given, type Run } from "./commands.ts";

/** What the command line asks for: run something, or only show a text. */
export type Request =
  | { readonly kind: "run"; readonly load: () => Promise<{ readonly run: Run }>; readonly argument: string | undefined; readonly given: Given }
  | { readonly kind: "shown" }
  | { readonly kind: "wrong" };

/**
 * Reads the command line. Help and version go to `out`, complaints about the line to `err`.
 * @param argv  without node and script
 */
export async function readCommandLine(argv: readonly string[], version: string, out: (text: string) => void, err: (text: string) => void): Promise<Request> {
  let request: Request = { kind: "shown" };
  const program = new Command("multihull")
    .description("One image, every platform: build, push and inspect multi-platform container images with nothing but Node.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .configureOutput({ writeOut: out, writeErr: err, outputError: (said) => err(usageText(said, "multihull --help lists the commands")) })
    .exitOverride();
  const groups = new Map<string, Command>();
  for (const spec of COMMANDS) {
    const [first, second] = spec.path as [string, string?];
    let parent = program;
    if (second !== undefined) {
      parent = groups.get(first) ?? program.command(first).description("Embedded registry").exitOverride().helpCommand(false);
      groups.set(first, parent);
    }
    addCommand(parent, second ?? first, spec, (given) => {
      request = given;
    });
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return { kind: "shown" };
    }
    await program.parseAsync(withBareSwitches(argv), { from: "user" });
    return request;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { kind: "shown" } : { kind: "wrong" };
  }
}

function addCommand(parent: Command, name: string, spec: CommandSpec, take: (request: Request) => void): void {
  const command = parent.command(name).summary(spec.summary).description(`${spec.summary}.`).exitOverride().allowExcessArguments(false);
  if (spec.argument !== undefined) command.argument(spec.argument.form, spec.argument.about);
  for (const flag of spec.flags) command.addOption(optionOf(flag));
  const width = Math.max(...spec.examples.map(([line]) => line.length));
  command.addHelpText("after", `\nExamples:\n${spec.examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join("\n")}`);
  command.configureOutput({ outputError: (said, write) => write(usageText(said, `multihull ${spec.path.join(" ")} --help lists the flags`)) });
  command.action((...args: unknown[]) => {
    const argument = spec.argument === undefined ? undefined : (args[0] as string | undefined);
    take({ kind: "run", load: spec.load, argument, given: command.opts() });
  });
}

/** What commander says of a wrong command line, in our words and form. */
function usageText(said: string, where: string): string {
  const [first = "", ...rest] = said.trim().split("\n");
  const [message = "", ...wanted] = first
    .replace(/^error: /, "")
    .replaceAll("'", '"')
    .replace(/\.$/, "")
    .split(". ");
  const hints = [...wanted, ...rest.map((line) => line.replace(/^\(|\)$/g, "")), where].map((hint) => hint[0]?.toLowerCase() + hint.slice(1));
  return `${problemText(new ProblemError("usage", { message, hint: hints.join("; ").replaceAll("?; ", "? ") }))}\n`;
}

const VALUED_SWITCHES: ReadonlySet<string> = new Set(
  COMMANDS.flatMap(({ flags }) => flags.flatMap(({ kind, form }) => (kind === "valued-switch" ? [form.slice(0, form.indexOf("["))] : []))),
);

/** Commander takes the next word for a switch's value, and so the image of `--smoke IMAGE`; here a value stands behind `=`, and bare means `=`. */
function withBareSwitches(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((word, i) => (VALUED_SWITCHES.has(word) && (end === -1 || i < end) ? `${word}=` : word));
}

function optionOf(flag: FlagSpec): Option {
  const option = new Option(flag.form.replace("[=", " ["), flag.about);
  if (flag.kind === "valued-switch") {
    option.flags = flag.form;
    option.argParser((value: string) => (value === "" ? true : value));
  }
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.default !== undefined) option.default(flag.default);
  // A variable may be empty, or meant for another program that knows more values than we do.
  const fromEnvironment = flag.env === undefined ? undefined : process.env[flag.env];
  if (flag.env !== undefined && fromEnvironment && flag.choices?.includes(fromEnvironment) !== false) option.env(flag.env);
  if (flag.kind === "list") option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  // Commander takes `--no-x` for the negation of `--x`; here it is a switch of its own, absent unless given.
  if (flag.form.startsWith("--no-")) option.negate = false;
  return option;
}
