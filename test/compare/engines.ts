import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Case, type Files, SERVED } from "./case.ts";
import { writeFiles } from "./context.ts";
import type { Outcome } from "./differences.ts";
import { openLayout } from "./layout.ts";
import { listFiles, listLayout, type ResultListing } from "./listing.ts";
import { baseDigests, baseReferences, OURS, PEERS, PEERS_RUN, peerEnvironment } from "./places.ts";
import { GIT_ADDRESS, HTTP_ADDRESS } from "./servers.ts";

export type EngineName = "buildkit" | "docker" | "ours";

/** Something with buildx's command line that makes an OCI archive of a case. */
export interface CompareEngine {
  readonly name: EngineName;
  readonly version: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Outcomes are kept between runs, because this engine does not change. */
  readonly keep: boolean;
  /** BuildKit clamps file times to an epoch only when told; ours always does. */
  readonly clampFlag: string;
}

/** BuildKit alone, over buildx's remote driver. */
export function buildkitEngine(): CompareEngine {
  const builder = "multihull-remote";
  const env = peerEnvironment();
  try {
    execFileSync("docker", ["buildx", "inspect", builder], { env, stdio: "ignore" });
  } catch {
    execFileSync("docker", ["buildx", "create", "--name", builder, "--driver", "remote", `unix://${PEERS_RUN}/buildkitd.sock`], { env, stdio: "ignore" });
  }
  const version = execFileSync("buildkitd", ["--version"], { env, encoding: "utf8" }).trim();
  return { name: "buildkit", version, command: ["docker", "buildx", "build", "--builder", builder], env: {}, keep: true, clampFlag: ",rewrite-timestamp=true" };
}

/** Docker's daemon with the containerd image store, and the BuildKit inside it. */
export function dockerEngine(): CompareEngine {
  const env = { DOCKER_HOST: `unix://${PEERS_RUN}/docker-containerd.sock` };
  const version = execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], { env: peerEnvironment(env), encoding: "utf8" }).trim();
  return { name: "docker", version, command: ["docker", "buildx", "build", "--builder", "default"], env, keep: true, clampFlag: ",rewrite-timestamp=true" };
}

/** This checkout's command line, with a store of its own. */
export function ourEngine(store: string): CompareEngine {
  return {
    name: "ours",
    version: "checkout",
    command: [OURS, "build"],
    env: { MULTIHULL_STORE: store },
    keep: false,
    clampFlag: "",
  };
}

/** What every kept outcome depends on beside the case: the bases, what is served, and this tool's own reading. */
export function surroundings(): string {
  const hash = createHash("sha256");
  for (const file of ["context.ts", "flatten.ts", "layout.ts", "listing.ts", "servers.ts"]) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.update(JSON.stringify(SERVED)).update(baseDigests()).digest("hex");
}

/** Builds the case, or looks up what came of it before. */
export async function outcomeOf(engine: CompareEngine, theCase: Case, world: string): Promise<Outcome> {
  const { fails, peersDiffer: _, times: _times, ...what } = theCase;
  const key = createHash("sha256")
    .update(JSON.stringify([what, fails?.source !== undefined, world]))
    .digest("hex")
    .slice(0, 32);
  const kept = join(PEERS, "compare-cache", `${engine.name}-${createHash("sha256").update(engine.version).digest("hex").slice(0, 12)}`, `${key}.json`);
  if (engine.keep && existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as Outcome;
  const outcome = await build(engine, theCase);
  if (engine.keep) {
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(`${kept}.part`, JSON.stringify(outcome));
    renameSync(`${kept}.part`, kept);
  }
  return outcome;
}

const filled = (text: string): string =>
  text.replace(/\{(busybox|debian|rich|http|git)\}/g, (_, word: string) => ({ ...baseReferences(), http: HTTP_ADDRESS, git: GIT_ADDRESS })[word]!);

async function build(engine: CompareEngine, theCase: Case): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-compare-"));
  try {
    const context = join(folder, "context");
    const file = theCase.file ?? "Dockerfile";
    await writeFiles(context, { ...theCase.files, [file]: filled(theCase.dockerfile) });
    const result = join(folder, "out");
    const output = theCase.output ?? "type=oci";
    const platforms = theCase.platforms ?? ["linux/amd64", "linux/arm64"];
    const flags = [
      ...(platforms.length === 0 ? [] : ["--platform", platforms.join(",")]),
      "--provenance=false",
      // A cached layer has the times of whichever case made it first: BuildKit keys copies by content.
      "--no-cache",
      "--progress=plain",
      "-f",
      join(context, file),
    ];
    for (const [key, value] of Object.entries(theCase.args ?? {})) flags.push("--build-arg", `${key}=${filled(value)}`);
    for (const [key, value] of Object.entries(theCase.labels ?? {})) flags.push("--label", `${key}=${value}`);
    for (const [name, what] of Object.entries(theCase.contexts ?? {}))
      flags.push("--build-context", `${name}=${await namedContext(join(folder, `context-${name}`), what)}`);
    for (const annotation of theCase.annotations ?? []) flags.push("--annotation", annotation);
    for (const tag of theCase.tags ?? []) flags.push("--tag", tag);
    if (theCase.target !== undefined) flags.push("--target", theCase.target);
    const clamp = theCase.epoch === undefined ? "" : engine.clampFlag;
    const epoch: Record<string, string> = theCase.epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(theCase.epoch) };
    const [program, ...first] = engine.command;
    const args = [...first, ...flags, "-o", `${output},dest=${result}${clamp}`, context];
    const ended = await run(program!, args, peerEnvironment({ ...engine.env, ...epoch }));
    if (ended.code !== 0) return { refused: lastWords(ended.output, folder) };
    return { built: await listResult(result, output, theCase.epoch !== undefined) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

async function namedContext(folder: string, what: Files | string): Promise<string> {
  if (typeof what === "string") return filled(what);
  await writeFiles(folder, what);
  return folder;
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
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
