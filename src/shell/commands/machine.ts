import { type FlagTable, readArguments } from "../arguments.ts";
import { knownStart, textOf, type Value, valueAfter } from "../values.ts";
import type { OtherCommand } from "./command.ts";
import { unsorted } from "./read-build.ts";

/** apt-get(8) of apt 2.7 (Ubuntu 24.04). */
const APT: FlagTable = {
  text: ["target-release t", "host-architecture a", "build-profiles P"],
  list: ["option o", "config-file c"],
  switch: [
    "quiet q",
    "yes y",
    "assume-yes",
    "assume-no",
    "no-install-recommends",
    "install-suggests",
    "no-install-suggests",
    "download-only d",
    "fix-broken f",
    "fix-missing m",
    "ignore-missing",
    "simulate s",
    "dry-run",
    "no-upgrade",
    "only-upgrade",
    "allow-downgrades",
    "allow-remove-essential",
    "allow-change-held-packages",
    "allow-unauthenticated",
    "force-yes",
    "reinstall",
    "purge",
    "show-upgraded u",
    "verbose-versions V",
    "no-show-upgraded",
    "auto-remove",
    "autoremove",
    "no-remove",
    "trivial-only",
  ],
};

/** GNU make 4.4, make(1). */
const MAKE: FlagTable = {
  text: ["directory C", "file f", "makefile", "include-dir I", "old-file o", "assume-old", "what-if W", "new-file", "assume-new", "eval E"],
  switch: [
    "b",
    "m",
    "always-make B",
    "environment-overrides e",
    "ignore-errors i",
    "keep-going k",
    "check-symlink-times L",
    "just-print n",
    "dry-run",
    "recon",
    "print-data-base p",
    "question q",
    "no-builtin-rules r",
    "no-builtin-variables R",
    "silent s",
    "quiet",
    "no-silent",
    "no-keep-going S",
    "stop",
    "touch t",
    "trace",
    "version v",
    "help h",
    "print-directory w",
    "no-print-directory",
    "warn-undefined-variables",
  ],
  optional: ["jobs j", "load-average l", "max-load", "debug", "output-sync O", "shuffle"],
};

/** `apt-get install …`; undefined for apt's other work. */
export function readPackages(values: readonly Value[]): OtherCommand | undefined {
  const found = readArguments(values, APT);
  const [action, ...packages] = found.positional;
  if (action === undefined || textOf(action) !== "install") return undefined;
  return { kind: "install-packages", packages, ...unsorted(found) };
}

/** `make -C dir TARGET VAR=value`. */
export function readMake(values: readonly Value[]): OtherCommand {
  // `-j4` and `-j 4` are both written; the number is no target.
  const found = readArguments(
    values.filter(
      (value, i) =>
        !(/^[0-9]+$/.test(textOf(value) ?? "") && /^-[a-zA-Z]*[jl]$/.test(values[i - 1] === undefined ? "" : (textOf(values[i - 1] as Value) ?? ""))),
    ),
    MAKE,
  );
  const targets: Value[] = [];
  const variables: { readonly name: string; readonly value: Value }[] = [];
  for (const value of found.positional) {
    const [head, name] = /^([^\s=:+?!]+)(?:::?|\?|\+|!)?=/.exec(knownStart(value)) ?? [];
    if (head === undefined || name === undefined) targets.push(value);
    else variables.push({ name, value: valueAfter(value, head.length) });
  }
  const dryRun = found.on("just-print") === false ? found.on("dry-run") : found.on("just-print");
  return {
    kind: "make",
    targets,
    variables,
    directory: found.last("directory"),
    file: found.last("file") ?? found.last("makefile"),
    dryRun,
    ...unsorted(found),
  };
}
