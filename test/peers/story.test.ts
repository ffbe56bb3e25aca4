// Needs: Docker with Buildx, docker-registry (base images and moby/buildkit), QEMU for arm64
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseReference, OURS } from "../compare/places.ts";
import { type OwnDockerd, ownDockerd } from "../harness/peer-docker.ts";
import { type RunningRegistry, startEmbeddedRegistry } from "./embedded-registry.ts";
import { peerSuite } from "./peer-suite.ts";

const PLATFORMS = "linux/amd64,linux/arm64";
/** What programs of each platform take the machine for. */
const MACHINES = { "linux/amd64": "x86_64", "linux/arm64": "aarch64" } as const;

/** What Buildx 0.29 says when it is asked for several platforms and has the classic store. */
const FAILURE = [
  "ERROR: failed to build: Multi-platform build is not supported for the docker driver.",
  "Switch to a different driver, or turn on the containerd image store, and try again.",
  "Learn more at https://docs.docker.com/go/build-multi-platform/",
];

const DOCKERFILE = `FROM ${baseReference("run")}
RUN uname -m > /built-on
CMD ["sh", "-c", "echo built on $(cat /built-on), runs on $(uname -m)"]
`;

peerSuite(
  "a machine whose Docker cannot build for two platforms, and both ways out",
  ["registry", "bases", "buildkit-image", "buildx", "docker-classic", "qemu"],
  () => {
    const folder = mkdtempSync(join(tmpdir(), "multihull-story-"));
    const example = join(folder, "example");
    const store = join(folder, "store");
    let daemon: OwnDockerd;
    let registry: RunningRegistry;

    beforeAll(async () => {
      mkdirSync(example);
      writeFileSync(join(example, "Dockerfile"), DOCKERFILE);
      registry = await startEmbeddedRegistry(join(folder, "registry"));
      daemon = await ownDockerd({ store: "classic" });
    });
    afterAll(async () => {
      await daemon?.end();
      await registry?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the story, from the failure to images that run", { timeout: 300_000 }, async () => {
      const atFirst = await traces(daemon);
      const build = (image: string): readonly string[] => ["buildx", "build", "--network=host", "--platform", PLATFORMS, "--tag", image, "--push", "."];
      const docker = async (args: readonly string[]): Promise<Ran> => await command("docker", args, daemon, { cwd: example });
      const multihull = async (...args: readonly string[]): Promise<Ran> => await command("multihull", args, daemon, { cwd: example, store });
      const mine = ["--daemon-config", daemon.configFile];

      const fails = async (): Promise<void> => {
        const failed = await docker(build(`${registry.address}/story:none`));
        expect(failed.status).not.toBe(0);
        expect(errorOf(failed.output)).toEqual(FAILURE);
      };
      const succeeds = async (image: string): Promise<void> => {
        expect(await docker(build(image))).toMatchObject({ status: 0 });
        for (const [platform, machine] of Object.entries(MACHINES)) {
          expect(await docker(["pull", "--quiet", "--platform", platform, image])).toMatchObject({ status: 0 });
          const ran = await docker(["run", "--rm", "--network=none", "--platform", platform, image]);
          expect(ran.output.trim().split("\n").at(-1)).toBe(`built on ${machine}, runs on ${machine}`);
        }
      };
      /** What nobody but the user can do is left to them, with status 1. */
      const restartAsTold = async ({ status, output }: Ran): Promise<void> => {
        expect(status).toBe(1);
        expect(output).toContain(`left to you: end the process ${daemon.pid} (dockerd) and start it again as it was started`);
        tell("  (and that is done)");
        await daemon.restart();
      };

      tell("\nA daemon with the classic image store is asked to build for two platforms.");
      await fails();

      tell("\nmultihull says beforehand that it fails, in the same words.");
      const predicted = await multihull("doctor", "--host", "--platform", PLATFORMS);
      for (const line of FAILURE) expect(predicted.output).toContain(line);

      tell("\nThe first way out: the containerd image store. What would be changed is shown first, and nothing is done.");
      const before = readFileSync(daemon.configFile, "utf8");
      expect(await multihull("fix", "--host", "--with", "containerd", ...mine)).toMatchObject({ status: 1 });
      expect(readFileSync(daemon.configFile, "utf8")).toBe(before);
      tell("\nNow it is done.");
      const written = await multihull("fix", "--host", "--with", "containerd", "--write", ...mine);
      expect(JSON.parse(readFileSync(daemon.configFile, "utf8"))).toMatchObject({ ...JSON.parse(before), features: { "containerd-snapshotter": true } });
      await restartAsTold(written);

      tell("\nThe same command builds and pushes, and the image is pulled and run for both platforms.");
      await succeeds(`${registry.address}/story:containerd`);

      tell("\nBack to where we were: it fails as before.");
      await restartAsTold(await multihull("fix", "--host", "--undo", ...mine));
      expect(readFileSync(daemon.configFile, "utf8")).toBe(before);
      await fails();

      tell("\nThe second way out: a builder of its own, in a container.");
      expect(await multihull("fix", "--host", "--with", "buildx", "--insecure-registry", registry.address, "--write")).toMatchObject({ status: 0 });

      tell("\nThe same command builds and pushes, and the image is pulled and run for both platforms.");
      await succeeds(`${registry.address}/story:buildx`);

      tell("\nThat is undone, too: nothing of it is left, and the first command fails as it did.");
      expect(await multihull("fix", "--host", "--undo")).toMatchObject({ status: 0 });
      expect(await traces(daemon)).toEqual(atFirst);
      await fails();
    });
  },
);

interface Ran {
  readonly status: number;
  /** Both of its streams, as a terminal would show them. */
  readonly output: string;
}

/** Runs a command as the machine's user would, and tells it with what it says. */
async function command(
  program: "docker" | "multihull",
  args: readonly string[],
  daemon: OwnDockerd,
  { cwd, store }: { readonly cwd: string; readonly store?: string },
): Promise<Ran> {
  tell(`$ ${[program, ...args].join(" ")}`);
  const env = { ...daemon.env, NO_COLOR: "1", BUILDKIT_PROGRESS: "quiet", ...(store === undefined ? {} : { MULTIHULL_STORE: store }) };
  const ended = await execa(program === "multihull" ? OURS : program, args, { cwd, env, extendEnv: false, reject: false, all: true, timeout: 120_000 });
  for (const line of ended.all.split("\n")) tell(`  ${line}`);
  return { status: ended.exitCode ?? 1, output: ended.all };
}

/** The message with which a command ended. */
function errorOf(output: string): readonly string[] {
  const lines = output.trimEnd().split("\n");
  return lines.slice(lines.findIndex((line) => line.startsWith("ERROR: ")));
}

/** All that a remedy may leave on a machine: the daemon's configuration and what lies beside it, builders, contexts, containers and volumes. */
async function traces(daemon: OwnDockerd): Promise<Readonly<Record<string, unknown>>> {
  const say = async (...args: readonly string[]): Promise<string> => (await daemon.docker(args)).stdout;
  return {
    config: readFileSync(daemon.configFile, "utf8"),
    beside: readdirSync(dirname(daemon.configFile)).filter((name) => name.startsWith(basename(daemon.configFile))),
    client: readFileSync(join(daemon.env.DOCKER_CONFIG!, "config.json"), "utf8"),
    builders: await say("buildx", "ls"),
    contexts: await say("context", "ls", "--quiet"),
    containers: await say("ps", "--all", "--quiet"),
    volumes: await say("volume", "ls", "--quiet"),
  };
}

/** One line of the story, past the runner, which would gather and head them. */
const tell = (line: string): void => void writeSync(1, `${line}\n`);
