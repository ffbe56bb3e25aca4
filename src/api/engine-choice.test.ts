import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { builtResult } from "../../test/harness/built-result.ts";
import { type FakeAnswer, fakeDocker } from "../../test/harness/fake-docker.ts";
import { HAPPY, inspectText } from "../../test/harness/host-world.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { parsePlatform } from "../core/platform.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { archivedRoot, blobsOf } from "../engine/output/result-images.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import { ociArchive } from "../image/archive-write.ts";
import { collect } from "../image/blob-store.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { build } from "./build.ts";
import { choiceFor } from "./engines.ts";
import { plan } from "./plan.ts";
import type { BuildEvent, BuildRequest } from "./request.ts";

const SECRET = "7h15-15-53cr37";

/** A machine whose Docker gives these answers, then those of one with the builder "team", which builds a small image for linux/amd64. */
async function machine(answers: readonly FakeAnswer[] = [], stdin?: string) {
  const folder = mkdtempSync(join(tmpdir(), "engine-choice-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const result = await builtResult({ "linux/amd64": { layers: [[{ path: "made-by-buildkit" }]] } });
  writeFileSync(join(folder, "archive"), await collect(ociArchive([{ root: archivedRoot(result, 0, 0), names: [], blobs: blobsOf(result) }])));
  writeFileSync(join(folder, "docker.sock"), "");
  mkdirSync(join(folder, "config/buildx/instances"), { recursive: true });
  const node = { Name: "team0", Endpoint: "tcp://127.0.0.1:9" };
  writeFileSync(join(folder, "config/buildx/instances/team"), JSON.stringify({ Name: "team", Driver: "remote", Nodes: [node] }));
  mkdirSync(join(folder, "context"));
  writeFileSync(join(folder, "context/a"), "a");
  writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\nCOPY a /\n");
  writeFileSync(join(folder, "context/Dockerfile.run"), 'FROM scratch\nCOPY a /\nRUN ["/a"]\n');
  const docker = fakeDocker([
    ...answers,
    { when: "buildx inspect team", stdout: inspectText("team", "remote", "tcp://127.0.0.1:9", "running", "linux/amd64, linux/amd64/v2") },
    { when: /^buildx build /, stdoutFile: join(folder, "archive"), ...(stdin === undefined ? {} : { stdinTo: join(folder, "stdin") }) },
    ...HAPPY,
  ]);
  onTestFinished(() => docker.remove());
  let reads = 0;
  const env = {
    ...docker.env,
    DOCKER_CONFIG: join(folder, "config"),
    BUILDX_CONFIG: join(folder, "config/buildx"),
    DOCKER_HOST: `unix://${folder}/docker.sock`,
    BUILDX_BUILDER: "team",
    TOKEN: SECRET,
  };
  const world: World = {
    ...nodeWorld(),
    env,
    cwd: join(folder, "context"),
    home: folder,
    async *stdin() {
      reads++;
      yield Buffer.from(stdin ?? "");
    },
  };
  const events: BuildEvent[] = [];
  const store = join(folder, "store");
  const request = (more: BuildRequest): BuildRequest => ({
    store,
    platforms: ["linux/amd64"],
    file: "Dockerfile.run",
    ...more,
    events: { emit: (event) => void events.push(event) },
  });
  return {
    folder,
    docker,
    world,
    events,
    store,
    reads: () => reads,
    built: () => docker.calls().filter(([, verb]) => verb === "build"),
    chosen: () => events.flatMap((event) => (event.type === "engine-chosen" ? [{ engine: event.engine, builder: event.builder, why: event.why }] : [])),
    build: (more: BuildRequest = {}) => build(request(more), world),
    plan: (more: BuildRequest = {}) => plan(request(more), world),
  };
}

const TEAM = 'BuildKit (builder "team", remote)';

describe("a build that chooses its engine", () => {
  test("takes the builder that runs the programs natively, says so once, and as the plan does", async () => {
    const here = await machine();
    const { engines } = await here.plan();
    expect(here.built()).toEqual([]);
    const asked = () => here.docker.calls().filter(([, verb]) => verb === "inspect").length;
    const before = asked();
    const { engine, images } = await here.build();
    expect(asked() - before).toBe(1);
    expect(engine).toEqual({ name: "buildkit", builder: { name: "team", driver: "remote" }, why: "it runs linux/amd64 natively" });
    expect(here.chosen()).toEqual([{ engine: "buildkit", builder: TEAM, why: engine.why }]);
    expect(engines.find(({ chosen }) => chosen)).toMatchObject({ engine: "buildkit", builder: engine.builder, name: TEAM, why: engine.why, able: true });
    expect(images).toMatchObject([{ platform: "linux/amd64", layers: [{}] }]);
    expect(here.built()).toHaveLength(1);
  });

  test("asks nobody where files are only put together", async () => {
    const here = await machine();
    const { engine } = await here.build({ file: "Dockerfile" });
    expect(engine).toEqual({ name: "embedded", why: "no step runs a program" });
    expect(here.docker.calls()).toEqual([]);
  });

  test("gives what only BuildKit can to it, without a plan of ours", async () => {
    const here = await machine();
    const { engine } = await here.build({ file: "Dockerfile", provenance: "mode=max" });
    expect(engine).toMatchObject({ name: "buildkit", why: "--provenance=mode=max asks for an attestation, and the embedded engine makes none" });
    expect(here.built()[0]).toEqual(expect.arrayContaining(["--provenance", "mode=max"]));
  });

  test("where that is not there, says what speaks against both", async () => {
    const here = await machine([{ when: "buildx version", stderr: "docker: unknown command: docker buildx\n", status: 1 }]);
    await expect(here.build({ file: "Dockerfile", sbom: "true" })).rejects.toMatchObject({
      code: "engine-unsuitable",
      message:
        "no engine here can build this: --sbom=true asks for an attestation, and the embedded engine makes none; and BuildKit cannot be used: the Docker CLI has no Buildx",
    });
  });

  test("never starts docker where the embedded engine was asked for", async () => {
    const here = await machine();
    // Whether it can be run depends on the machine; who is asked does not.
    const end = await here.build({ engine: "embedded" }).catch((error: unknown) => error);
    expect(isProblem(end, "run-failed") || isProblem(end, "sandbox-unavailable")).toBe(true);
    expect(here.docker.calls()).toEqual([]);
    await here.build({ engine: "embedded", file: "Dockerfile" });
    expect(here.chosen().at(-1)).toEqual({ engine: "embedded", builder: undefined, why: "it was asked for with --engine" });
  });

  test.each([
    ["a Dockerfile", { file: "-" }, 'FROM scratch\nCOPY a /\nRUN ["/a"]\n'],
    ["a Dockerfile alone", { context: "-", file: undefined }, 'FROM scratch\nRUN ["/a"]\n'],
  ])("reads %s on stdin once, and BuildKit gets all of it", async (_name, more, text) => {
    const here = await machine([], text);
    const { engine } = await here.build(more as BuildRequest);
    expect(engine.name).toBe("buildkit");
    expect(here.reads()).toBe(1);
    expect(readFileSync(join(here.folder, "stdin"), "utf8")).toBe(text);
    expect(readdirSync(join(here.store, "work"))).toEqual([]);
  });

  test("shows the value of a secret to nobody", async () => {
    const here = await machine();
    writeFileSync(join(here.folder, "context/secret.txt"), SECRET);
    const outcome = await here.build({ secrets: ["id=token,env=TOKEN", "id=file,src=secret.txt"], metadataFile: "metadata.json" });
    expect(here.built()[0]).toEqual(expect.arrayContaining(["--secret", "id=token,env=TOKEN"]));
    expect(JSON.stringify([here.docker.calls(), here.events, outcome])).not.toContain(SECRET);
    expect(readFileSync(join(here.folder, "context/metadata.json"), "utf8")).not.toContain(SECRET);
    expect(filesBelow(here.store).filter((path) => readFileSync(path).includes(SECRET))).toEqual([]);
  });

  test("what was asked for and cannot be: the plan says why", async () => {
    const here = await machine([
      { when: "buildx inspect team", stdout: "Name: team\nDriver: remote\n\nNodes:\nName: team0\nEndpoint: tcp://127.0.0.1:9\nStatus: inactive\n" },
    ]);
    const { engines } = await here.plan({ engine: "buildkit" });
    expect(engines[1]).toMatchObject({
      chosen: true,
      able: false,
      why: 'it is asked for, but the builder "team" cannot be used: nothing answers at tcp://127.0.0.1:9',
    });
  });
});

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

describe("the choice between engines", () => {
  const RUNS = { vertices: [{ kind: "run", platform: parsePlatform("linux/amd64") }] } as unknown as BuildPlan;
  const sandbox = (how: "native" | "emulated" | "impossible"): SandboxHost =>
    ({
      ability: async (platforms: readonly object[]) => ({ platforms: platforms.map((platform) => ({ platform, how, why: "so it is" })) }),
    }) as unknown as SandboxHost;
  const NONE = new ProblemError("sandbox-unavailable", { message: "no sandbox here", hint: "run it with sudo" });
  const CLASSIC: FakeAnswer = { when: "buildx inspect default", stdout: inspectText("default", "docker", "default", "running", "linux/amd64") };

  test.each<[string, readonly FakeAnswer[], "native" | "emulated", "embedded" | "buildkit", RegExp]>([
    ["as good a builder: BuildKit", [], "native", "buildkit", /^it runs linux\/amd64 natively$/],
    ["a builder that hangs", [{ when: "buildx inspect team", hang: true }], "emulated", "embedded", /`docker buildx inspect team` gave no answer within 3 s$/],
    ["no Buildx", [{ when: "buildx version", stderr: "unknown command: docker buildx\n", status: 1 }], "native", "embedded", /^the Docker CLI has no Buildx$/],
  ])("%s", async (_name, answers, how, engine, why) => {
    const here = await machine(answers);
    const choice = await choiceFor(RUNS, { check: async () => [], sandbox: sandbox(how) }, {}, here.world);
    expect(choice).toEqual({
      chosen: expect.objectContaining({ engine }),
      why: expect.stringMatching(why),
      problems: [],
      facts: engine === "buildkit" ? expect.objectContaining({ builder: expect.objectContaining({ known: true }) }) : undefined,
    });
  });

  test("a Buildx whose progress nobody can read is not taken", async () => {
    const here = await machine([{ when: "buildx version", stdout: "github.com/docker/buildx v0.11.2 abc\n" }]);
    const choice = await choiceFor(RUNS, { check: async () => [], sandbox: sandbox("emulated") }, {}, here.world);
    expect(choice).toMatchObject({
      chosen: { engine: "embedded" },
      why: expect.stringMatching(/^Buildx 0\.11\.2 has no --progress rawjson.*came with Buildx 0\.12\.0$/),
    });
  });

  test("a socket that is not there: no program is started", async () => {
    const here = await machine();
    const world = { ...here.world, env: { ...here.world.env, BUILDX_BUILDER: undefined, DOCKER_HOST: "unix:///nowhere.sock" } };
    const choice = await choiceFor(RUNS, { check: async () => [], sandbox: sandbox("native") }, {}, world);
    expect(choice).toMatchObject({ chosen: { engine: "embedded" }, why: "no Docker daemon answers at unix:///nowhere.sock" });
    expect(here.docker.calls()).toEqual([]);
  });

  test("Docker's own builder with the classic store cannot, and neither can a machine without a sandbox: both reasons, and the act of the first", async () => {
    const here = await machine([CLASSIC]);
    const world = { ...here.world, env: { ...here.world.env, BUILDX_BUILDER: undefined } };
    const choice = await choiceFor(RUNS, { check: async () => [], sandbox: sandbox("native") }, {}, world);
    expect(choice).toMatchObject({ chosen: { engine: "embedded" }, why: expect.stringMatching(/classic image store/) });
    await expect(choiceFor(RUNS, { check: async () => [NONE], sandbox: undefined }, {}, world)).rejects.toMatchObject({
      code: "engine-unsuitable",
      message: expect.stringMatching(
        /^no engine here can build this: the embedded engine: no sandbox here; BuildKit \(builder "default", docker\): .*classic image store/,
      ),
      hint: "run it with sudo",
    });
  });

  test("no docker, and no sandbox: what keeps the embedded engine from it is what is told", async () => {
    const here = await machine();
    const world = { ...here.world, env: { ...here.world.env, PATH: join(here.folder, "context") } };
    const { chosen } = await choiceFor(RUNS, { check: async () => [NONE], sandbox: undefined }, {}, world);
    expect(chosen.engine).toBe("embedded");
  });
});
