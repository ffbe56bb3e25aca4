import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Case, type Files, SERVED, type Step } from "./case.ts";
import { writeFiles } from "./context.ts";
import type { Outcome } from "./differences.ts";
import type { CompareEngine } from "./engines.ts";
import { openLayout } from "./layout.ts";
import { listFiles, listLayout, type ResultListing } from "./listing.ts";
import { BASE_WORDS, type BaseWord, baseDigest, baseReference, npmFolder, PEERS, peerEnvironment } from "./places.ts";
import { GIT_ADDRESS, HTTP_ADDRESS } from "./servers.ts";

/** What every kept outcome depends on beside the case and its bases: what is served, and this tool's own reading. */
export function surroundings(): string {
  const hash = createHash("sha256");
  for (const file of ["context.ts", "flatten.ts", "layout.ts", "listing.ts", "servers.ts"]) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.update(JSON.stringify(SERVED)).digest("hex");
}

/**
 * Builds the case, or looks up what came of it before.
 * @param fresh  builds it anyhow
 */
export async function outcomeOf(engine: CompareEngine, theCase: Case, world: string, fresh = false): Promise<Outcome> {
  const { fails, weSay: _says, peersDiffer: _, weDiffer: _differ, weRefuse: _refuse, times: _times, leaveOut: _out, ...what } = theCase;
  const text = JSON.stringify(what);
  const bases = BASE_WORDS.filter((word) => text.includes(`{${word}}`)).map(baseDigest);
  const key = createHash("sha256")
    .update(JSON.stringify([what, fails !== undefined, world, bases]))
    .digest("hex")
    .slice(0, 32);
  const kept = join(PEERS, "compare-cache", `${engine.name}-${createHash("sha256").update(engine.version).digest("hex").slice(0, 12)}`, `${key}.json`);
  if (engine.keep && !fresh && existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as Outcome;
  const outcome = await build(engine, theCase);
  if (engine.keep) {
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(`${kept}.part`, JSON.stringify(outcome));
    renameSync(`${kept}.part`, kept);
  }
  return outcome;
}

type Fill = (text: string) => string;

const fillFor = (unique: string): Fill => {
  const others: Readonly<Record<string, string>> = { http: HTTP_ADDRESS, git: GIT_ADDRESS, unique };
  const words = new RegExp(`\\{(${[...BASE_WORDS, ...Object.keys(others)].join("|")})\\}`, "g");
  return (text) => text.replaceAll("{npm}", () => npmFolder()).replace(words, (_, word: string) => others[word] ?? baseReference(word as BaseWord));
};

/** Builds the case's steps one after the other. */
async function build(engine: CompareEngine, theCase: Case): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-compare-"));
  const unique = randomBytes(8).toString("hex");
  const fill = fillFor(unique);
  try {
    let whole = theCase;
    let outcome = await buildStep(engine, whole, join(folder, "0"), fill);
    for (const [number, step] of (theCase.later ?? []).entries()) {
      if ("refused" in outcome) break;
      whole = withStep(whole, step);
      outcome = await buildStep(engine, whole, join(folder, String(number + 1)), fill);
    }
    return JSON.parse(JSON.stringify(outcome).replaceAll(unique, "unique")) as Outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const withStep = (theCase: Case, step: Step): Case => ({ ...theCase, noCacheFilter: [], noCache: false, ...step, files: { ...theCase.files, ...step.files } });

async function buildStep(engine: CompareEngine, theCase: Case, folder: string, fill: Fill): Promise<Outcome> {
  const context = join(folder, "context");
  const file = theCase.file ?? "Dockerfile";
  await writeFiles(context, { ...theCase.files, [file]: fill(theCase.dockerfile) });
  const result = join(folder, "out");
  const output = theCase.output ?? "type=oci";
  const clamp = theCase.epoch === undefined ? "" : engine.clampFlag;
  const { flags, env } = await flagsOf(engine, theCase, folder, fill);
  const [program, ...first] = engine.command;
  const args = [...first, ...flags, "-f", join(context, file), "-o", `${output},dest=${result}${clamp}`, context];
  const ended = await run(program!, args, peerEnvironment({ ...engine.env, ...env }));
  if (ended.code !== 0) return { refused: lastWords(ended.output, folder) };
  return { built: await listResult(result, output, theCase.epoch !== undefined) };
}

interface Flags {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The words of the command line, and the environment that some of them speak of. Files that they name are written below `folder`. */
async function flagsOf(engine: CompareEngine, theCase: Case, folder: string, fill: Fill): Promise<Flags> {
  const env: Record<string, string> = theCase.epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(theCase.epoch) };
  const flags: string[] = [];
  const add = (name: string, values: readonly string[] | undefined): void => {
    for (const value of values ?? []) flags.push(`--${name}`, value);
  };
  const platforms = theCase.platforms ?? ["linux/amd64", "linux/arm64"];
  if (platforms.length > 0) add("platform", [platforms.join(",")]);
  flags.push("--provenance=false", "--progress=plain");
  // A cached layer has the times of whichever case made it first: BuildKit keys copies by content.
  if (theCase.noCache ?? theCase.later === undefined) flags.push("--no-cache");
  for (const [key, value] of Object.entries(theCase.args ?? {})) add("build-arg", [`${key}=${fill(value)}`]);
  for (const [key, value] of Object.entries(theCase.labels ?? {})) add("label", [`${key}=${value}`]);
  for (const [name, what] of Object.entries(theCase.contexts ?? {}))
    add("build-context", [`${name}=${await namedContext(join(folder, `context-${name}`), what, fill)}`]);
  add("annotation", theCase.annotations);
  add("tag", theCase.tags);
  if (theCase.target !== undefined) add("target", [theCase.target]);
  for (const [id, secret] of Object.entries(theCase.secrets ?? {})) {
    if (typeof secret === "string") await writeFiles(join(folder, "secrets"), { [id]: secret });
    else env[`SECRET_${id}`] = secret.value;
    add("secret", [typeof secret === "string" ? `id=${id},src=${join(folder, "secrets", id)}` : `id=${id},env=SECRET_${id}`]);
  }
  for (const [id, key] of Object.entries(theCase.ssh ?? {})) {
    await writeFiles(join(folder, "keys"), { [id]: { content: key, mode: 0o600 } });
    add("ssh", [`${id}=${join(folder, "keys", id)}`]);
  }
  add("allow", theCase.allow);
  add("add-host", theCase.addHosts);
  add("ulimit", theCase.ulimits);
  add("no-cache-filter", theCase.noCacheFilter);
  if (theCase.shmSize !== undefined) add("shm-size", [theCase.shmSize]);
  if (theCase.network !== undefined && theCase.network !== "default") add("network", [theCase.network]);
  else if (/^\s*(ONBUILD\s+)?RUN\b/im.test(theCase.dockerfile)) flags.push(...engine.networkFlags);
  return { flags, env };
}

async function listResult(path: string, output: string, exact: boolean): Promise<ResultListing> {
  if (output.startsWith("type=tar")) return listFiles(() => createReadStream(path), exact);
  if (output.startsWith("type=local")) {
    const archive = `${path}.tar`;
    execFileSync("tar", ["--format=posix", "--numeric-owner", "-cf", archive, "-C", path, "."]);
    return listFiles(() => createReadStream(archive), exact);
  }
  const layout = openLayout(path);
  try {
    return await listLayout(layout, exact);
  } finally {
    layout.close();
  }
}

async function namedContext(folder: string, what: Files | string, fill: Fill): Promise<string> {
  if (typeof what === "string") return fill(what);
  await writeFiles(folder, what);
  return folder;
}

const LONGEST_BUILD_MS = 600_000;

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: LONGEST_BUILD_MS });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
  return { code, output };
}

/** The message with which an engine ended, without the temporary folder's name. */
function lastWords(output: string, folder: string): string {
  const lines = output.trimEnd().split("\n");
  const error = lines.findLastIndex((line) => /^(ERROR|error)[:[]/.test(line));
  return lines
    .slice(error === -1 ? -3 : error)
    .join(" ")
    .replaceAll(folder, "")
    .slice(0, 600);
}
