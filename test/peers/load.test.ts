// Needs: Docker with both image stores, QEMU for arm64
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePrograms } from "../../examples/operator/make-programs.mjs";
import { CHECKOUT, OURS, PEERS_RUN } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

const EXAMPLE = join(CHECKOUT, "examples/operator");
const folder = mkdtempSync(join(tmpdir(), "mh-load-"));
const name = `loaded/operator:${process.pid}`;

beforeAll(() => writePrograms(EXAMPLE));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hostOf = (daemon: string): Readonly<Record<string, string>> => ({
  DOCKER_HOST: `unix://${PEERS_RUN}/docker-${daemon}.sock`,
  MULTIHULL_STORE: join(folder, daemon),
});

function load(daemon: string, platforms: string): string {
  return run(OURS, ["build", "-f", "Dockerfile.buildx", "--platform", platforms, "-t", name, "--load", "-q", "."], { cwd: EXAMPLE, env: hostOf(daemon) });
}

const said = (daemon: string, platform: string): string =>
  run("docker", ["run", "--rm", "--network=none", `--platform=${platform}`, name], { env: hostOf(daemon) });

peerSuite("--load into Docker with the containerd store", ["docker-containerd", "qemu"], () => {
  test("takes both platforms under one name, and both run", () => {
    const digest = load("containerd", "linux/amd64,linux/arm64").trim();
    expect(run("docker", ["image", "inspect", "--format", "{{.Id}}", name], { env: hostOf("containerd") }).trim()).toBe(digest);
    for (const platform of ["linux/amd64", "linux/arm64"]) expect(said("containerd", platform)).toBe(`operator for ${platform}\n`);
    run("docker", ["rmi", "-f", name], { env: hostOf("containerd") });
  });
});

peerSuite("--load into Docker with the classic store", ["docker-classic", "qemu"], () => {
  test.each(["linux/amd64", "linux/arm64"])("takes %s alone, and it runs", (platform) => {
    load("classic", platform);
    expect(said("classic", platform)).toBe(`operator for ${platform}\n`);
    run("docker", ["rmi", "-f", name], { env: hostOf("classic") });
  });

  test("refuses both at once before building, and names the ways out", () => {
    expect(() => load("classic", "linux/amd64,linux/arm64")).toThrow(/error\[output-conflict\].*classic image store[\s\S]*containerd image store/);
  });
});
