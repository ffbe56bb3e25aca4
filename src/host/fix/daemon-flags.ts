import type { HostFiles } from "../ports.ts";

/** What the command line of a daemon says that its configuration file cannot overrule. */
export interface DaemonFlags {
  /** `--feature` is given: Docker refuses a file that has `features` beside it. */
  readonly features: boolean;
  readonly storageDriver: string | undefined;
  readonly usernsRemap: string | undefined;
}

const NONE: DaemonFlags = { features: false, storageDriver: undefined, usernsRemap: undefined };

/** Flags of a running daemon; none when its command line cannot be read. */
export function daemonFlags(files: HostFiles, pid: number | undefined): DaemonFlags {
  const answer = pid === undefined ? undefined : files.read(`/proc/${pid}/cmdline`, true);
  if (answer?.kind !== "text") return NONE;
  const args = answer.text.split("\0").slice(1);
  return {
    features: flag(args, "--feature") !== undefined,
    storageDriver: flag(args, "--storage-driver", "-s"),
    usernsRemap: flag(args, "--userns-remap"),
  };
}

/** The last value of a flag, `--flag VALUE` or `--flag=VALUE`. */
function flag(args: readonly string[], ...names: readonly string[]): string | undefined {
  const at = args.findLastIndex((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)));
  const arg = args[at];
  if (arg === undefined) return undefined;
  const equals = arg.indexOf("=");
  return equals === -1 ? (args[at + 1] ?? "") : arg.slice(equals + 1);
}
