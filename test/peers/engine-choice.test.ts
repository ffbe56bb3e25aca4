// Needs: Docker with Buildx (classic and containerd image store), BuildKit, docker-registry (base images)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { endOf, startMultihull } from "../harness/multihull.ts";
import { peerSuite, run } from "./peer-suite.ts";

let folder = "";
const socket = (name: string): string => `unix://${PEERS_RUN}/${name}.sock`;
const CLASSIC = { DOCKER_HOST: socket("docker-classic") };
const CONTAINERD = { DOCKER_HOST: socket("docker-containerd") };
const buildx = (...args: readonly string[]): string => run("docker", ["buildx", ...args], { env: { ...CLASSIC, BUILDX_CONFIG: join(folder, "buildx") } });

interface Chosen {
  readonly name: string;
  readonly builder?: { readonly name: string; readonly driver: string };
  readonly why: string;
}

let stores = 0;

/** What a build and its plan say of who builds; both must be the same. */
async function chosen(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Chosen & { readonly line: string }> {
  const world = peerEnvironment({ HOME: folder, BUILDX_CONFIG: join(folder, "buildx"), MULTIHULL_STORE: join(folder, `store-${stores++}`), ...env });
  const ours = async (...words: readonly string[]) => {
    const ran = await endOf(startMultihull([...words, "--json", "-f", "Dockerfile.run", ...args], { cwd: join(folder, "context"), env: world }));
    expect(ran.status, ran.stderr).toBe(0);
    return ran;
  };
  const [built, planned] = [await ours("build"), await ours("plan")];
  const { engine } = JSON.parse(built.stdout) as { readonly engine: Chosen };
  const { engines } = JSON.parse(planned.stdout) as {
    readonly engines: readonly (Chosen & { readonly engine: string; readonly chosen: boolean; readonly able: boolean })[];
  };
  const taken = engines.find((one) => one.chosen);
  const { name, builder } = engine;
  expect(taken).toMatchObject({ engine: name, able: true, ...(builder === undefined ? {} : { builder }) });
  const lines = built.stderr.split("\n").filter((line) => line.startsWith("building with "));
  expect(lines).toEqual([`building with ${taken?.name}: ${engine.why}`]);
  return { ...engine, line: lines[0] as string };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-choice-"));
  mkdirSync(join(folder, "context"));
  writeFileSync(join(folder, "context/a"), "a");
  writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\nCOPY a /\n");
  // The containers of these daemons have no network of their own.
  writeFileSync(join(folder, "context/Dockerfile.run"), `FROM ${REGISTRY}/base/busybox:1\nRUN --network=none echo hi > /hi\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

peerSuite("the engine of a build", ["docker-classic", "docker-containerd", "buildkitd", "buildx", "registry", "bases"], () => {
  test("Docker with the classic store: the embedded one, and why", async () => {
    expect(await chosen(CLASSIC)).toMatchObject({
      name: "embedded",
      why: expect.stringMatching(/^the builder "default" is Docker's own \(driver docker\) with the classic image store/),
    });
  });

  test("Docker with containerd's store: BuildKit, which runs the programs natively", async () => {
    expect(await chosen(CONTAINERD)).toMatchObject({
      name: "buildkit",
      builder: { name: "default", driver: "docker" },
      line: expect.stringMatching(/^building with BuildKit \(builder "default", docker\): it runs linux\/\w+ natively$/),
    });
  });

  test("a remote builder, once it is selected for this endpoint", async () => {
    buildx("create", "--name", "team", "--driver", "remote", socket("buildkitd"));
    expect((await chosen(CLASSIC)).name, "not selected yet").toBe("embedded");
    buildx("use", "team");
    expect(await chosen(CLASSIC)).toMatchObject({ name: "buildkit", builder: { name: "team", driver: "remote" }, why: expect.stringMatching(/natively$/) });
    expect(await chosen(CONTAINERD), "another endpoint has its own").toMatchObject({ builder: { name: "default" } });
    expect(await chosen({ ...CONTAINERD, BUILDX_BUILDER: "team" })).toMatchObject({ builder: { name: "team" } });
    expect(await chosen(CONTAINERD, "--builder", "team")).toMatchObject({ name: "buildkit", why: "it was asked for with --builder" });
    expect(await chosen(CONTAINERD, "--engine", "embedded")).toMatchObject({ name: "embedded", why: "it was asked for with --engine" });
  });

  test("files alone: the embedded one, though a builder could", async () => {
    expect(await chosen(CONTAINERD, "-f", "Dockerfile")).toMatchObject({ name: "embedded", why: "no step runs a program" });
  });

  test("programs of a platform that the builder cannot run: the embedded one, or nobody's word is taken for it", async () => {
    const arm64 = await chosen(CONTAINERD, "--platform", "linux/arm64");
    expect(arm64).toMatchObject({ name: "embedded", why: "BuildKit would emulate as well, and needs a builder" });
  });
});
