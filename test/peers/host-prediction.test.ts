// Needs: Docker with Buildx (classic and containerd image store), BuildKit
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostPorts } from "../../src/adapters/node/host/host-ports.ts";
import type { BuildAsk } from "../../src/host/build-ask.ts";
import { type BuildPrediction, predictBuild } from "../../src/host/predict.ts";
import { readHostFacts } from "../../src/host/read-facts.ts";
import { PEERS_RUN, peerEnvironment } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

const BOTH: BuildAsk = { platforms: ["linux/amd64", "linux/arm64"] };
const CLASSIC = `unix://${PEERS_RUN}/docker-classic.sock`;
const CONTAINERD = `unix://${PEERS_RUN}/docker-containerd.sock`;
/** Nobody listens there. */
const NOWHERE = "tcp://127.0.0.1:9";
const folder = mkdtempSync(join(tmpdir(), "mh-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let worlds = 0;
/** A Docker configuration and a Buildx folder of one's own. */
function world(host: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const buildx = join(folder, `buildx${++worlds}`);
  mkdirSync(buildx);
  return { DOCKER_HOST: host, BUILDX_CONFIG: buildx, ...more };
}

interface Outcome {
  readonly status: number | null;
  readonly stderr: readonly string[];
}

/** What is predicted in a world, and what happens there to that very command line. */
async function both(env: Readonly<Record<string, string>>, ask: BuildAsk): Promise<{ readonly predicted: BuildPrediction; readonly real: Outcome }> {
  const facts = await readHostFacts(hostPorts({ env: peerEnvironment(env), home: homedir() }));
  const predicted = predictBuild(facts, ask);
  const [program = "", ...args] = predicted.command.split(" ");
  const { status, stderr } = spawnSync(program, args, { env: peerEnvironment(env), cwd: join(folder, "context"), encoding: "utf8", timeout: 60_000 });
  return { predicted, real: { status, stderr: stderr.trimEnd().split("\n") } };
}

peerSuite("what Docker will say is what it says", ["buildx", "docker-classic", "docker-containerd", "buildkitd"], () => {
  beforeAll(() => {
    mkdirSync(join(folder, "context"));
    writeFileSync(join(folder, "context", "Dockerfile"), "FROM scratch\nCOPY file /file\n");
    writeFileSync(join(folder, "context", "file"), "x");
  });
  const create = (env: Readonly<Record<string, string>>, name: string, ...args: readonly string[]): void =>
    void run("docker", ["buildx", "create", "--name", name, "--driver", "remote", ...args], { env });

  test.each(["docker buildx build", "docker build"] as const)("two platforms with the classic store, by %s: word for word", async (through) => {
    const { predicted, real } = await both(world(CLASSIC), { ...BOTH, through });
    expect(real.status).toBe(1);
    expect(predicted).toMatchObject({ verdict: "refused", builder: { name: "default", driver: "docker" } });
    expect(predicted.log?.lines).toEqual(real.stderr);
  });
  test("one foreign platform with the classic store", async () => {
    const { predicted, real } = await both(world(CLASSIC), { platforms: ["linux/arm64"] });
    expect({ verdict: predicted.verdict, status: real.status }).toEqual({ verdict: "accepted", status: 0 });
  });
  test.each(["docker buildx build", "docker build"] as const)("two platforms with containerd's store, by %s", async (through) => {
    const { predicted, real } = await both(world(CONTAINERD), { ...BOTH, through });
    expect({ verdict: predicted.verdict, status: real.status }).toEqual({ verdict: "accepted", status: 0 });
  });
  test("a remote builder that is chosen, with a daemon or without", async () => {
    for (const host of [CLASSIC, NOWHERE]) {
      const env = world(host);
      create(env, "far", "--use", `unix://${PEERS_RUN}/buildkitd.sock`);
      const { predicted, real } = await both(env, BOTH);
      expect({ verdict: predicted.verdict, builder: predicted.builder, status: real.status }).toEqual({
        verdict: "accepted",
        builder: { name: "far", driver: "remote" },
        status: 0,
      });
    }
  });
  test("a builder that is chosen is passed by of docker build", async () => {
    const env = world(CLASSIC);
    create(env, "far", "--use", `unix://${PEERS_RUN}/buildkitd.sock`);
    const { predicted, real } = await both(env, { ...BOTH, through: "docker build" });
    expect(predicted.log?.lines).toEqual(real.stderr);
    expect(predicted.message).toContain("`docker build` does not take the builder that was set up");
  });
  test("a builder of which one node is dead fails where it is needed, and only there", async () => {
    const env = world(CLASSIC);
    create(env, "half", "--use", "--platform=linux/amd64", `unix://${PEERS_RUN}/buildkitd.sock`);
    create(env, "half", "--append", "--platform=linux/arm64", NOWHERE);
    const needed = await both(env, BOTH);
    expect(needed.predicted).toMatchObject({ verdict: "refused", builder: { name: "half", driver: "remote" } });
    expect(needed.predicted.message).toContain("half1");
    expect(needed.real.status).toBe(1);
    expect(needed.predicted.log?.lines).toEqual(needed.real.stderr.slice(-1));
    const not = await both(env, { platforms: ["linux/amd64"] });
    expect({ verdict: not.predicted.verdict, status: not.real.status }).toEqual({ verdict: "accepted", status: 0 });
  }, 120_000);
  test("a builder that nobody made", async () => {
    const { predicted, real } = await both(world(CLASSIC, { BUILDX_BUILDER: "nobody" }), BOTH);
    expect(predicted.log?.lines).toEqual(real.stderr);
  });
  test("no daemon", async () => {
    const { predicted, real } = await both(world(`unix://${folder}/none.sock`), BOTH);
    expect(predicted).toMatchObject({ verdict: "refused" });
    expect(predicted.log?.lines).toEqual(real.stderr);
  });
  test.each(["docker buildx build", "docker build"] as const)("no Buildx, by %s", async (through) => {
    const config = mkdtempSync(join(folder, "config"));
    writeFileSync(join(config, "config.json"), "{}");
    // Plugins are also looked for in folders of the system: there may be another one there.
    const env = world(CLASSIC, { DOCKER_CONFIG: config });
    const { predicted, real } = await both(env, { ...BOTH, through });
    expect(real.status).not.toBe(0);
    expect(predicted.log?.lines).toEqual(real.stderr);
  });
  test("a context of which the daemon is gone", async () => {
    const config = mkdtempSync(join(folder, "config"));
    writeFileSync(join(config, "config.json"), "{}");
    mkdirSync(join(config, "cli-plugins"));
    symlinkSync(join(peerEnvironment().DOCKER_CONFIG ?? "", "cli-plugins/docker-buildx"), join(config, "cli-plugins/docker-buildx"));
    const env = world("", { DOCKER_CONFIG: config });
    run("docker", ["context", "create", "gone", "--docker", `host=${NOWHERE}`], { env });
    run("docker", ["context", "use", "gone"], { env });
    const { predicted, real } = await both(env, BOTH);
    expect(predicted).toMatchObject({ verdict: "refused" });
    expect(predicted.log?.lines).toEqual(real.stderr);
  });
});
