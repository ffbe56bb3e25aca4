import { Command, CommanderError, Option } from "commander";
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
    .showHelpAfterError("(multihull --help lists commands and flags)")
    .configureOutput({ writeOut: out, writeErr: err })
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
    await program.parseAsync(argv, { from: "user" });
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
  command.action((...args: unknown[]) => {
    const argument = spec.argument === undefined ? undefined : (args[0] as string | undefined);
    take({ kind: "run", load: spec.load, argument, given: command.opts() });
  });
}

function optionOf(flag: FlagSpec): Option {
  const option = new Option(flag.form, flag.about);
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.default !== undefined) option.default(flag.default);
  if (flag.env !== undefined) option.env(flag.env);
  if (flag.kind === "list") option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  // Commander takes `--no-x` for the negation of `--x`; here it is a switch of its own, absent unless given.
  if (flag.form.startsWith("--no-")) option.negate = false;
  return option;
}
