import { expect, test } from "vitest";
import type { FakeAnswer } from "../../test/harness/fake-docker.ts";
import { HAPPY, hostWorld, inspectText, toldPrograms } from "../../test/harness/host-world.ts";
import { digestOf, hexOf } from "../core/digest.ts";
import { type BuildFacts, readBuildFacts } from "./read-build-facts.ts";

interface Told {
  readonly answers?: readonly FakeAnswer[];
  readonly texts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly builder?: string;
  readonly quick?: true;
}

/** As Docker's socket is there. */
const SOCKET = { "/var/run/docker.sock": "" };
const BUILDX = "/home/me/.docker/buildx";
const made = (name: string, driver: string, ...endpoints: readonly string[]): Readonly<Record<string, string>> => ({
  [`${BUILDX}/instances/${name}`]: JSON.stringify({ Name: name, Driver: driver, Nodes: endpoints.map((Endpoint, i) => ({ Name: `${name}${i}`, Endpoint })) }),
});
const context = (name: string, host: string): Readonly<Record<string, string>> => ({
  [`/home/me/.docker/contexts/meta/${hexOf(digestOf(name))}/meta.json`]: JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
});

async function read({ answers = [], texts = SOCKET, env = {}, builder, quick }: Told): Promise<BuildFacts & { readonly asked: readonly string[] }> {
  const calls: (readonly string[])[] = [];
  const ports = hostWorld([], texts, { env, programs: toldPrograms([...answers, ...HAPPY], calls) });
  const facts = await readBuildFacts(ports, { timeoutMs: 1000, ...(quick === undefined ? {} : { quick }), ...(builder === undefined ? {} : { builder }) });
  return { ...facts, asked: calls.map((args) => args.join(" ")) };
}

const team = { when: "buildx inspect team", stdout: inspectText("team", "remote", "tcp://t:1", "running", "linux/amd64") };
const nobody = { when: /^buildx inspect/, stderr: 'ERROR: no builder "it" found\n', status: 1 };

test.each<[string, Told, string]>([
  ["the context's own", {}, "default"],
  [
    "--builder before all",
    { builder: "team", env: { BUILDX_BUILDER: "default" }, texts: { ...SOCKET, ...made("team", "remote", "tcp://t:1") }, answers: [team] },
    "team",
  ],
  [
    "BUILDX_BUILDER before what was selected",
    { env: { BUILDX_BUILDER: "team" }, texts: { ...SOCKET, ...made("team", "remote", "tcp://t:1") }, answers: [team] },
    "team",
  ],
  [
    "what was selected for this endpoint",
    {
      texts: {
        ...SOCKET,
        ...made("team", "remote", "tcp://t:1"),
        [`${BUILDX}/current`]: JSON.stringify({ Key: "unix:///var/run/docker.sock", Name: "team", Global: false }),
      },
      answers: [team],
    },
    "team",
  ],
  [
    "not what was selected for another endpoint",
    { texts: { ...SOCKET, ...made("team", "remote", "tcp://t:1"), [`${BUILDX}/current`]: JSON.stringify({ Key: "other", Name: "team", Global: false }) } },
    "default",
  ],
])("the builder is %s", async (_name, told, name) => {
  const { builder, lost, asked } = await read(told);
  expect(builder).toMatchObject({ known: true, value: { name }, source: `docker buildx inspect ${name}` });
  expect(lost).toBe(undefined);
  expect(asked).toEqual(["buildx version", `buildx inspect ${name}`]);
});

test.each<[string, Told, string | undefined]>([
  ["Docker's usual socket", { texts: {} }, "unix:///var/run/docker.sock"],
  ["the socket of DOCKER_HOST", { texts: {}, env: { DOCKER_HOST: "unix:///x.sock" } }, "unix:///x.sock"],
  ["the socket of a context", { texts: context("mine", "unix:///y.sock"), env: { DOCKER_CONTEXT: "mine" } }, "unix:///y.sock"],
  ["the socket of a builder in a container", { texts: made("c", "docker-container", "default"), builder: "c" }, "unix:///var/run/docker.sock"],
])("where %s is not there, no builder is asked", async (_name, told, address) => {
  const { lost, asked } = await read(told);
  expect(lost).toMatchObject({ state: "absent", why: `no Docker daemon answers at ${address}`, help: expect.stringMatching(/^start it/) });
  expect(asked).toEqual(["buildx version"]);
});

test("a builder that listens somewhere else is asked, whatever Docker does", async () => {
  const { lost, asked } = await read({ texts: made("team", "remote", "tcp://t:1"), builder: "team", answers: [team] });
  expect(lost).toBe(undefined);
  expect(asked).toContain("buildx inspect team");
});

test.each<[string, Told, object]>([
  [
    "a builder that is not there",
    { builder: "gone", answers: [nobody] },
    { state: "absent", why: 'there is no builder "gone"', help: "name one that is there (default), or make it: docker buildx create --name gone" },
  ],
  [
    "a variable that names none",
    { env: { BUILDX_BUILDER: "gone" }, answers: [nobody] },
    { why: 'there is no builder "gone", which BUILDX_BUILDER names', help: expect.stringMatching(/^unset BUILDX_BUILDER, name one/) },
  ],
  [
    "a context that is not there",
    { env: { DOCKER_CONTEXT: "gone" }, answers: [nobody] },
    { state: "absent", why: 'there is no Docker context "gone", which DOCKER_CONTEXT names', help: expect.stringMatching(/^unset DOCKER_CONTEXT/) },
  ],
  [
    "a builder's file of nonsense",
    { builder: "torn", texts: { ...SOCKET, [`${BUILDX}/instances/torn`]: "{" }, answers: [nobody] },
    {
      state: "broken",
      why: `the builder "torn" cannot be used: "${BUILDX}/instances/torn" is not what Buildx writes: it is no description of a builder`,
      help: "remove that file and make the builder anew, or name another with --builder",
    },
  ],
])("%s is no builder", async (_name, told, wanted) => {
  expect((await read(told)).builder).toMatchObject({ known: false, ...wanted });
});

const dead = (driver: string, endpoint: string, state: string): string => `Name: b\nDriver: ${driver}\n\nNodes:\nName: b0\nEndpoint: ${endpoint}\n${state}\n`;

test.each<[string, string, string, FakeAnswer, object]>([
  [
    "a remote node that is gone",
    "remote",
    "tcp://b:1",
    { stdout: dead("remote", "tcp://b:1", "Status: inactive") },
    { state: "absent", why: "nothing answers at tcp://b:1", help: "start BuildKit at tcp://b:1, or what lies between" },
  ],
  [
    "a remote node that hangs",
    "remote",
    "tcp://b:1",
    { hang: true },
    { state: "silent", why: "`docker buildx inspect b` gave no answer within 1 s", help: "start BuildKit at tcp://b:1, or what lies between" },
  ],
  [
    "a container whose daemon hangs",
    "docker-container",
    "tcp://b:1",
    { hang: true },
    { state: "silent", help: expect.stringMatching(/^see whether the daemon hangs/) },
  ],
  [
    "a container whose daemon is gone",
    "docker-container",
    "tcp://b:1",
    { stdout: dead("docker-container", "tcp://b:1", "Error: Cannot connect to the Docker daemon at tcp://b:1. Is the docker daemon running?") },
    { why: "no Docker daemon answers at tcp://b:1", help: expect.stringMatching(/^start it/) },
  ],
  [
    "a cluster that is not named",
    "kubernetes",
    "",
    { stdout: dead("kubernetes", "", "Error: invalid configuration") },
    { why: "invalid configuration", help: expect.stringMatching(/^see that the cluster answers/) },
  ],
])("%s is lost, and what helps is told", async (_name, driver, endpoint, answer, wanted) => {
  const { lost } = await read({ builder: "b", texts: { ...SOCKET, ...made("b", driver, endpoint) }, answers: [{ when: "buildx inspect b", ...answer }] });
  expect(lost).toMatchObject({ known: false, source: "docker buildx inspect b", ...wanted });
});

const info = (status: unknown, more: object = { ClientInfo: { Plugins: [{ Name: "buildx", Version: "v0.29.1-1" }] } }): FakeAnswer => ({
  when: /^info/,
  stdout: JSON.stringify({ DriverStatus: status, ...more }),
});

test.each<[string, Told, { readonly asked: readonly string[]; readonly store?: boolean | undefined; readonly lost?: object }]>([
  [
    "the classic store: the daemon alone is asked",
    { answers: [info([["Backing Filesystem", "extfs"]])] },
    { asked: ["info --format {{json .}}"], store: false },
  ],
  [
    "containerd's store: Buildx is asked after it",
    { answers: [info([["driver-type", "io.containerd.snapshotter.v1"]])] },
    { asked: ["info --format {{json .}}", "buildx version", "buildx inspect default"], store: false },
  ],
  [
    "a command line that does not tell its plugins",
    { answers: [info([], {})] },
    { asked: ["info --format {{json .}}", "buildx version", "buildx inspect default"], store: false },
  ],
  [
    "a daemon that hangs: it is asked once",
    { answers: [{ when: /^info/, hang: true }] },
    { asked: ["info --format {{json .}}"], lost: { state: "silent", why: "`docker info` gave no answer within 1 s" } },
  ],
  [
    "a builder that somebody made: the daemon is not asked",
    { builder: "team", texts: made("team", "remote", "tcp://t:1"), answers: [team] },
    { asked: ["buildx version", "buildx inspect team"] },
  ],
])("quickly, with %s", async (_name, told, wanted) => {
  const { asked, builder, lost } = await read({ ...told, quick: true, env: { PATH: "/bin" } });
  expect(asked).toEqual(wanted.asked);
  expect(builder.known && builder.value.nodes[0]?.containerdStore).toBe(wanted.store);
  if (wanted.lost === undefined) expect(lost).toBe(undefined);
  else expect(lost).toMatchObject(wanted.lost);
});

test("quickly, with a daemon that cannot be reached: it is asked once", async () => {
  const said = "Cannot connect to the Docker daemon at tcp://x:1. Is the docker daemon running?\n";
  const { asked, lost } = await read({ quick: true, env: { DOCKER_HOST: "tcp://x:1" }, answers: [{ when: /^info/, stdout: "{}", stderr: said, status: 1 }] });
  expect(asked).toEqual(["info --format {{json .}}"]);
  expect(lost).toMatchObject({ state: "absent", why: "no Docker daemon answers at tcp://x:1" });
});

test("quickly, without a socket and with docker: nobody is asked; without docker that is what is told", async () => {
  const gone = await read({ texts: { "/bin/docker": "" }, quick: true, env: { PATH: "/sbin:/bin" } });
  expect(gone.asked).toEqual([]);
  expect(gone.lost).toMatchObject({ why: "no Docker daemon answers at unix:///var/run/docker.sock" });
  expect((await read({ texts: {}, quick: true, env: { PATH: "/bin" } })).asked).toEqual(["buildx version"]);
});
