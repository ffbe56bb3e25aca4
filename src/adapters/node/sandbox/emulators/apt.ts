import { execFile } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "../../../../core/problem.ts";

/** Output of apt that is kept. */
const OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Brings a package of this machine's distribution into a folder, without installing it and without being root; apt checks it against the signed lists. Where the lists
 * are missing or too old, they are brought too, into the folder.
 * @param folder  empty, this user's
 * @returns path of the `.deb`
 * @throws {ProblemError} `emulator-missing` with what apt said
 */
export async function downloadPackage(name: string, folder: string, env: Readonly<Record<string, string | undefined>>, signal?: AbortSignal): Promise<string> {
  const first = await aptGet(["download", name], folder, env, signal);
  if (first.ok) return onlyDeb(folder, name);
  if (first.missing) throw refused(name, "apt-get is not installed: this is no Debian or Ubuntu");
  const state = ["state", "state/lists/partial", "cache/archives/partial"].map((below) => join(folder, "apt", below));
  for (const path of state) mkdirSync(path, { recursive: true });
  const own = [
    "-o",
    `Dir::State=${join(folder, "apt/state")}`,
    "-o",
    `Dir::Cache=${join(folder, "apt/cache")}`,
    "-o",
    "Dir::State::status=/var/lib/dpkg/status",
  ];
  const lists = await aptGet([...own, "update"], folder, env, signal);
  const second = lists.ok ? await aptGet([...own, "download", name], folder, env, signal) : lists;
  if (second.ok) return onlyDeb(folder, name);
  throw refused(name, second.said);
}

interface AptResult {
  readonly ok: boolean;
  readonly missing: boolean;
  readonly said: string;
}

function aptGet(parameters: readonly string[], cwd: string, env: Readonly<Record<string, string | undefined>>, signal?: AbortSignal): Promise<AptResult> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      maxBuffer: OUTPUT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    };
    execFile("apt-get", ["-q", ...parameters], options, (error, _stdout, stderr) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const said = stderr
        .split("\n")
        .filter((line) => line.startsWith("E:"))
        .map((line) => line.slice(2).trim());
      resolve({ ok: error === null, missing: error?.code === "ENOENT", said: said[0] ?? error?.message.split("\n")[0] ?? "" });
    }).stdin?.end();
  });
}

function onlyDeb(folder: string, name: string): string {
  const found = readdirSync(folder).filter((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
  if (found[0] === undefined) throw refused(name, "apt-get brought nothing");
  return join(folder, found[0]);
}

const refused = (name: string, said: string): ProblemError =>
  new ProblemError("emulator-missing", {
    message: `--emulator debian: the package "${name}" cannot be had: ${said}`,
    hint: "give a file with --emulator FILE.deb, or an image with --emulator IMAGE@sha256:…",
    facts: { package: name },
  });
