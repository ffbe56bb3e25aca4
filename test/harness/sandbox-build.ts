import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished, test } from "vitest";
import { endOf, type Ran, type RunOptions, startMultihull } from "./multihull.ts";
import { hostRootTar, nodeLayerTar, sandboxHere, writeBaseLayout } from "./sandbox-base.ts";

/** A suite that runs programs in a sandbox. Where that cannot be, it is left out as one skipped test with the reason. */
export function sandboxSuite(name: string, body: () => void, reason: string | undefined = sandboxHere()): void {
  describe(name, () => {
    if (reason === undefined) body();
    else test("all of it", (context) => context.skip(reason));
  });
}

/** A store and bases for builds with RUN, shared by the tests of a file so that a base is unpacked once. */
export interface Workshop {
  readonly folder: string;
  readonly store: string;
  /** `--build-context` of `base` (the machine's own tools) and, when asked for, of `node` (the same with Node and koffi). */
  readonly bases: readonly string[];
  /** An empty folder for one test. */
  place(): string;
  /** Arguments of a build of this Dockerfile with this context. */
  args(dockerfile: string, options?: WorkshopBuild): string[];
  build(dockerfile: string, options?: WorkshopBuild): Promise<Ran>;
  start(dockerfile: string, options?: WorkshopBuild): ReturnType<typeof startMultihull>;
  remove(): void;
}

export interface WorkshopBuild extends RunOptions {
  readonly context?: string;
  readonly store?: string;
  readonly flags?: readonly string[];
  /** Default: nothing is written. */
  readonly output?: string;
}

/** To be called where tests are set up; `remove` when they are done. */
export function workshop({ node = false }: { readonly node?: boolean } = {}): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "multihull-run-"));
  const tools = hostRootTar();
  const layer = node ? nodeLayerTar() : undefined;
  if (tools === undefined || (node && layer === undefined)) throw new Error("no root can be made here: ask sandboxHere first");
  const bases = [`base=${writeBaseLayout(join(folder, "base"), { layers: [tools] })}`];
  if (layer !== undefined)
    bases.push(`node=${writeBaseLayout(join(folder, "node"), { layers: [tools, layer], config: { Env: ["PATH=/bin", "NODE_PATH=/node_modules"] } })}`);
  const store = join(folder, "store");
  let places = 0;
  const place = (): string => {
    const path = join(folder, `place-${places++}`);
    mkdirSync(path);
    return path;
  };
  const args: Workshop["args"] = (dockerfile, { context = place(), store: other = store, flags = [], output = "type=tar,dest=/dev/null" } = {}) => {
    const file = join(place(), "Dockerfile");
    writeFileSync(file, dockerfile);
    return [
      "build",
      "--engine",
      "embedded",
      "--store",
      other,
      "--progress",
      "plain",
      ...bases.flatMap((base) => ["--build-context", base]),
      ...flags,
      "-o",
      output,
      "-f",
      file,
      context,
    ];
  };
  const running = new Set<ChildProcess>();
  const started: Workshop["start"] = (dockerfile, options = {}) => {
    const child = startMultihull(args(dockerfile, options), options);
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  };
  return {
    folder,
    store,
    bases,
    place,
    args,
    build: (dockerfile, options = {}) => endOf(started(dockerfile, options), options),
    start: started,
    remove: () => {
      // A test that ran out of time leaves no build behind, which could do harm to the next.
      for (const child of running) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The files of a built image in a folder that is gone when the test is. */
export async function builtFiles(shop: Workshop, dockerfile: string, options: WorkshopBuild = {}): Promise<string> {
  const out = join(shop.place(), "out");
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const ran = await shop.build(dockerfile, { ...options, output: `type=local,dest=${out}` });
  if (ran.status !== 0) throw new Error(`the build ended with ${ran.status}\n${ran.stdout}${ran.stderr}`);
  return out;
}
