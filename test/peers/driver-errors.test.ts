// Needs: Docker with Buildx (classic and containerd image store), BuildKit
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builderOf } from "../../src/simulate/builder-of.ts";
import { refusalsOf } from "../../src/simulate/driver-checks.ts";
import type { Daemon, Environment, ImageStore } from "../../src/simulate/environment.ts";
import type { Build } from "../../src/simulate/operation.ts";
import { PEERS_RUN, peerEnvironment } from "../compare/places.ts";
import { aBuild, aBuilder, machine, ON, performed, text, texts } from "../harness/simulation.ts";
import { peerSuite, run } from "./peer-suite.ts";

/** A build as a step asks for it, and the flags that it becomes. Of a bake build, the file's target. */
interface Case {
  readonly name: string;
  readonly build: Partial<Build>;
  readonly flags: readonly string[];
}

const BOTH = "linux/amd64,linux/arm64";
const PLATFORMS: Partial<Build> = { platforms: texts("linux/amd64", "linux/arm64") };
const several = `--platform=${BOTH}`;
const folder = mkdtempSync(join(tmpdir(), "mh-"));
const out = (name: string): string => join(folder, name);
/** A registry where nobody listens: what passes the checks fails there. */
const NOWHERE = "127.0.0.1:9/x";

const CASES: readonly Case[] = [
  { name: "nothing special", build: {}, flags: [] },
  { name: "one foreign platform", build: { platforms: texts("linux/arm64") }, flags: ["--platform=linux/arm64"] },
  { name: "several platforms", build: PLATFORMS, flags: [several] },
  { name: "the same platform twice", build: { platforms: texts("linux/amd64", "linux/amd64") }, flags: ["--platform=linux/amd64,linux/amd64"] },
  { name: "cache to a folder", build: { cacheTo: texts(`type=local,dest=${out("cache")}`) }, flags: [`--cache-to=type=local,dest=${out("cache")}`] },
  { name: "cache to a registry, by its name alone", build: { cacheTo: texts(NOWHERE) }, flags: [`--cache-to=${NOWHERE}`] },
  { name: "cache to a registry", build: { cacheTo: texts(`type=registry,ref=${NOWHERE}`) }, flags: [`--cache-to=type=registry,ref=${NOWHERE}`] },
  { name: "inline cache", build: { cacheTo: texts("type=inline") }, flags: ["--cache-to=type=inline"] },
  { name: "GitHub's cache from a script, which has no token", build: { cacheTo: texts("type=gha") }, flags: ["--cache-to=type=gha"] },
  {
    name: "GitHub's cache with a token",
    build: { cacheTo: texts("type=gha,token=t,url=http://127.0.0.1:9/") },
    flags: ["--cache-to=type=gha,token=t,url=http://127.0.0.1:9/"],
  },
  { name: "provenance", build: { provenance: text("true") }, flags: ["--provenance=true"] },
  { name: "provenance with a mode", build: { provenance: text("mode=max") }, flags: ["--provenance=mode=max"] },
  { name: "no provenance", build: { provenance: text("false") }, flags: ["--provenance=false"] },
  { name: "an attestation that is turned off", build: { attests: texts("type=provenance,disabled=true") }, flags: ["--attest=type=provenance,disabled=true"] },
  { name: "an attestation", build: { attests: texts("type=provenance,mode=min") }, flags: ["--attest=type=provenance,mode=min"] },
  {
    name: "an attestation that is turned off, then on",
    build: { attests: texts("type=provenance,disabled=true"), provenance: text("true") },
    flags: ["--attest=type=provenance,disabled=true", "--provenance=true"],
  },
  { name: "an OCI archive", build: { outputs: texts(`type=oci,dest=${out("a.tar")}`) }, flags: [`--output=type=oci,dest=${out("a.tar")}`] },
  { name: "a Docker archive", build: { outputs: texts(`type=docker,dest=${out("b.tar")}`) }, flags: [`--output=type=docker,dest=${out("b.tar")}`] },
  {
    name: "a Docker archive of several platforms",
    build: { ...PLATFORMS, outputs: texts(`type=docker,dest=${out("c.tar")}`) },
    flags: [several, `--output=type=docker,dest=${out("c.tar")}`],
  },
  { name: "a folder", build: { outputs: texts(out("folder")) }, flags: [`--output=${out("folder")}`] },
  { name: "a folder of several platforms", build: { ...PLATFORMS, outputs: texts(out("folders")) }, flags: [several, `--output=${out("folders")}`] },
  { name: "a tar file", build: { outputs: texts(`type=tar,dest=${out("d.tar")}`) }, flags: [`--output=type=tar,dest=${out("d.tar")}`] },
  {
    name: "two outputs",
    build: { outputs: texts(`type=local,dest=${out("e")}`, `type=tar,dest=${out("e.tar")}`) },
    flags: [`--output=type=local,dest=${out("e")}`, `--output=type=tar,dest=${out("e.tar")}`],
  },
  { name: "load", build: { load: ON }, flags: ["--load"] },
  { name: "load of several platforms", build: { ...PLATFORMS, load: ON }, flags: [several, "--load"] },
  { name: "type=docker of several platforms", build: { ...PLATFORMS, outputs: texts("type=docker") }, flags: [several, "--output=type=docker"] },
  { name: "push without a tag", build: { push: ON }, flags: ["--push"] },
  { name: "push without a tag, and load", build: { push: ON, load: ON }, flags: ["--push", "--load"] },
  { name: "an image that is pushed without a tag", build: { outputs: texts("type=image,push=true") }, flags: ["--output=type=image,push=true"] },
  { name: "type=registry without a tag", build: { outputs: texts("type=registry") }, flags: ["--output=type=registry"] },
  {
    name: "push by digest",
    build: { outputs: texts(`type=image,name=${NOWHERE},push-by-digest=true,push=true`) },
    flags: [`--output=type=image,name=${NOWHERE},push-by-digest=true,push=true`],
  },
  { name: "an annotation of the index", build: { annotations: texts("index:a=b") }, flags: ["--annotation=index:a=b"] },
  { name: "an annotation of both levels", build: { annotations: texts("manifest,index:a=b") }, flags: ["--annotation=manifest,index:a=b"] },
  { name: "an annotation of the manifest", build: { annotations: texts("manifest:a=b") }, flags: ["--annotation=manifest:a=b"] },
  { name: "a builder that nobody made", build: { builder: text("nobody") }, flags: ["--builder=nobody"] },
  // The order of the checks.
  {
    name: "order: cache, before attestations, outputs and platforms",
    build: { ...PLATFORMS, cacheTo: texts(`type=local,dest=${out("cache")}`), provenance: text("true"), outputs: texts(`type=oci,dest=${out("f.tar")}`) },
    flags: [several, `--cache-to=type=local,dest=${out("cache")}`, "--provenance=true", `--output=type=oci,dest=${out("f.tar")}`],
  },
  {
    name: "order: attestations, before index annotations and push without a tag",
    build: { ...PLATFORMS, sbom: text("true"), annotations: texts("index:a=b"), push: ON },
    flags: [several, "--sbom=true", "--annotation=index:a=b", "--push"],
  },
  {
    name: "order: index annotations, before push without a tag",
    build: { annotations: texts("index:a=b"), push: ON },
    flags: ["--annotation=index:a=b", "--push"],
  },
  { name: "order: push without a tag, before several platforms", build: { ...PLATFORMS, push: ON }, flags: [several, "--push"] },
  {
    name: "order: an OCI archive, before several platforms",
    build: { ...PLATFORMS, outputs: texts(`type=oci,dest=${out("g.tar")}`) },
    flags: [several, `--output=type=oci,dest=${out("g.tar")}`],
  },
  {
    name: "order: outputs in their order",
    build: { ...PLATFORMS, outputs: texts(`type=docker,dest=${out("h.tar")}`, `type=oci,dest=${out("i.tar")}`) },
    flags: [several, `--output=type=docker,dest=${out("h.tar")}`, `--output=type=oci,dest=${out("i.tar")}`],
  },
  {
    name: "order: push by digest, before several platforms",
    build: { ...PLATFORMS, outputs: texts(`type=image,name=${NOWHERE},push-by-digest=true,push=true`) },
    flags: [several, `--output=type=image,name=${NOWHERE},push-by-digest=true,push=true`],
  },
  { name: "load with provenance", build: { load: ON, provenance: text("true") }, flags: ["--load", "--provenance=true"] },
];

/** What every refusal of Buildx looks like: what passes the checks says none of it. */
const REFUSALS =
  /is not supported for the|exporting manifest lists|tag is needed|push-by-digest is currently|multiple outputs currently|index annotations not supported|no builder "/;

/** The environment of a job whose only daemon is the peer. */
function environmentOf(store: ImageStore, docker: string, buildx: string): Environment {
  const hosted = machine();
  const daemon: Daemon = { version: docker, store, storeFact: hosted.runner.fact, rootless: false, mirrors: [] };
  return { ...hosted, buildxVersion: buildx, contexts: new Map([["default", { name: "default", endpoint: "default", daemon, fact: hosted.runner.fact }]]) };
}

interface Outcome {
  readonly status: number;
  readonly stderr: readonly string[];
}

function said(env: Readonly<Record<string, string>>, args: readonly string[]): Outcome {
  const result = spawnSync("docker", args, { env: peerEnvironment(env), encoding: "utf8", cwd: folder, timeout: 60_000 });
  if (result.status === null) throw new Error(`docker ${args.join(" ")} did not end: ${result.error?.message}`);
  return { status: result.status, stderr: result.stderr.split("\n") };
}

beforeAll(() => {
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY file /file\n");
  writeFileSync(join(folder, "file"), "content\n");
  writeFileSync(join(folder, "docker-bake.hcl"), `target "default" {\n  platforms = ["linux/amd64", "linux/arm64"]\n}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["classic", "docker-classic"],
  ["containerd", "docker-containerd"],
] as const)("%s image store", (store, peer) => {
  peerSuite("what Buildx refuses is what we predict", ["buildx", peer], () => {
    const env = { DOCKER_HOST: `unix://${PEERS_RUN}/${peer}.sock` };
    let environment: Environment;
    beforeAll(() => {
      const docker = run("docker", ["version", "--format={{.Server.Version}}"], { env }).trim().replace(/\+.*$/, "");
      const buildx = /(\d+\.\d+\.\d+)/.exec(run("docker", ["buildx", "version"], { env }))?.[1] as string;
      environment = environmentOf(store, docker, buildx);
    });
    const predicted = (build: Build) => {
      const resolved = builderOf(build, environment);
      return refusalsOf(build, resolved, environment);
    };

    test.each(CASES)("$name", ({ build, flags }) => {
      const [first] = predicted(aBuild(build));
      const { status, stderr } = said(env, ["buildx", "build", "--progress=plain", ...flags, "."]);
      if (first === undefined) {
        expect(stderr.filter((line) => REFUSALS.test(line))).toEqual([]);
        return;
      }
      const from = stderr.indexOf(first.log.lines[0] as string);
      expect({ status, lines: from === -1 ? stderr : stderr.slice(from, from + first.log.lines.length), certain: first.certain }).toEqual({
        status: first.exitStatus,
        lines: first.log.lines,
        certain: true,
      });
    });

    test("what is predicted to pass passes, where nothing else stands in the way", () => {
      const passing = [PLATFORMS, { load: ON, ...PLATFORMS }, { provenance: text("true") }].filter((build) => predicted(aBuild(build)).length === 0);
      expect(passing).toHaveLength(store === "containerd" ? 3 : 0);
      if (store === "containerd") expect(said(env, ["buildx", "build", several, "--load", "--provenance=true", "."]).status).toBe(0);
      expect(predicted(aBuild({}))).toEqual([]);
      expect(said(env, ["buildx", "build", "."]).status).toBe(0);
    });

    test.each(["docker buildx bake", "docker build"] as const)("several platforms by way of %s", (through) => {
      const [first] = predicted(aBuild({ ...PLATFORMS, through }));
      const { status, stderr } = said(env, through === "docker build" ? ["build", several, "."] : ["buildx", "bake"]);
      const from = stderr.indexOf(first?.log.lines[0] ?? "");
      expect({ status, lines: first === undefined ? [] : stderr.slice(from, from + 3) }).toEqual({
        status: first?.exitStatus ?? 0,
        lines: first?.log.lines ?? [],
      });
    });

    describe("the classic builder", () => {
      const variables = new Map([["DOCKER_BUILDKIT", text("0")]]);
      const place = texts("").items[0]!.place;
      const oneFlag = (...items: readonly string[]) => ({ items: items.map((item) => ({ parts: [item], place })), open: false, place });
      test.each([
        ["several platforms", { platforms: oneFlag("linux/amd64", "linux/arm64") }, [several]],
        ["several platforms with a variant", { platforms: oneFlag("linux/arm/v7", "linux/amd64") }, ["--platform=linux/arm/v7,linux/amd64"]],
        ["three platforms", { platforms: oneFlag("linux/amd64", "linux/arm64", "linux/s390x") }, [`${several},linux/s390x`]],
        ["push", { push: ON }, ["--push"]],
        ["cache to", { cacheTo: texts("type=inline") }, ["--cache-to=type=inline"]],
        ["provenance", { provenance: text("false") }, ["--provenance=false"]],
      ] as const)("%s", (_name, build, flags) => {
        const [first] = predicted(aBuild({ ...build, through: "docker build", variables }));
        const { status, stderr } = said({ ...env, DOCKER_BUILDKIT: "0" }, ["build", ...flags, "."]);
        expect(first?.log.lines.filter((line) => !stderr.includes(line))).toEqual([]);
        expect(status).toBe(first?.exitStatus);
      });
    });
  });
});

describe.each([
  ["classic", "docker-classic"],
  ["containerd", "docker-containerd"],
] as const)("a builder of its own beside a daemon with the %s image store", (store, peer) => {
  peerSuite("what it refuses is what we predict", ["buildx", "buildkitd", peer], () => {
    const env = { DOCKER_HOST: `unix://${PEERS_RUN}/${peer}.sock`, BUILDX_CONFIG: out(`buildx-${store}`) };
    const address = `unix://${PEERS_RUN}/buildkitd.sock`;
    let environment: Environment;
    beforeAll(() => {
      const buildx = /(\d+\.\d+\.\d+)/.exec(run("docker", ["buildx", "version"], { env }))?.[1] as string;
      run("docker", ["buildx", "create", "--driver=remote", "--name=remote", "--use", address], { env });
      environment = performed(environmentOf(store, "28.0.4", buildx), [aBuilder("remote", { driver: "remote", endpoint: text(address) })]);
    });

    const names = [
      "several platforms",
      "cache to a folder",
      "provenance with a mode",
      "an OCI archive",
      "a Docker archive",
      "a Docker archive of several platforms",
      "two outputs",
      "load of several platforms",
      "load with provenance",
      "push without a tag",
    ];
    test.each(CASES.filter(({ name }) => names.includes(name)))("$name", ({ build, flags }) => {
      const one = aBuild(build);
      const [first] = refusalsOf(one, builderOf(one, environment), environment);
      const { status, stderr } = said(env, ["buildx", "build", "--progress=plain", ...flags, "."]);
      expect({ status, said: stderr.filter((line) => REFUSALS.test(line)) }).toEqual({ status: first?.exitStatus ?? 0, said: first?.log.lines ?? [] });
    });
  });
});
