import type { ShellGrammar } from "./grammar.ts";
import { foreignScript, parseScript } from "./parse.ts";
import type { Script } from "./script.ts";

/** What a step's `shell:` means. */
export interface ShellSetting {
  /** "bash", "sh", "pwsh", … */
  readonly name: string;
  /** Whether its scripts are read here. */
  readonly understood: boolean;
  /** Whether the script is started with `-e`. */
  readonly stopsAtError: boolean;
}

/** The built-in settings and what GitHub makes of them: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions (jobs.<id>.steps[*].shell; read 2026-11). */
const BUILT_IN: Readonly<Record<string, string>> = { bash: "bash --noprofile --norc -eo pipefail {0}", sh: "sh -e {0}" };
/** Without `shell:`, on Linux and macOS. */
const DEFAULT = "bash -e {0}";

/** Reads `shell:`, a built-in name or a template with `{0}`. On Windows runners, a step without it has "pwsh": the caller says so. */
export function readShell(setting: string | undefined): ShellSetting {
  const template = setting === undefined ? DEFAULT : Object.hasOwn(BUILT_IN, setting.trim()) ? (BUILT_IN[setting.trim()] as string) : setting.trim();
  const [program = "", ...options] = template.split(/\s+/);
  const name = program.replace(/^.*[/\\]/, "");
  const stopsAtError = options.some((option, i) => /^-[a-zA-Z]*e/.test(option) || (option === "errexit" && options[i - 1]?.endsWith("o") === true));
  return { name, understood: name === "bash" || name === "sh" || name === "dash", stopsAtError };
}

/** A step's script as data, whatever its shell. */
export function readScript(text: string, setting: ShellSetting, grammar: ShellGrammar): Script {
  return setting.understood ? parseScript(text, grammar) : foreignScript(text, setting.name);
}
