import { describe, expect, test } from "vitest";
import type { MadeImage } from "../../test/harness/made-image.ts";
import { makeImage } from "../../test/harness/made-image.ts";
import { readMade } from "../../test/harness/made-image-subject.ts";
import { type Act, type MemorySandbox, memorySandbox } from "../../test/harness/memory-sandbox.ts";
import { rejectedWith } from "../../test/harness/problem-of.ts";
import type { Clock } from "../core/clock.ts";
import { ProblemError } from "../core/problem.ts";
import type { SandboxAbility, SandboxEnd, SandboxHost, SandboxProgram } from "../engine/sandbox.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import { smokeImages } from "./smoke-images.ts";

/** Time stands still, and nobody's is ever over. */
const PATIENT: Clock = {
  nowMs: () => 1000,
  sleep: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
};
/** Everybody's time is over at once. */
const HASTY: Clock = { nowMs: () => 1000, sleep: async () => {} };

interface Situation {
  readonly words?: readonly string[];
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Absent: a memory sandbox in which every program ends well. */
  readonly host?: SandboxHost | "none";
}

async function smoked(spec: MadeImage, { words, clock = PATIENT, signal = new AbortController().signal, host = memorySandbox(ACTS) }: Situation = {}) {
  const [{ blobs }, { images }] = [await makeImage(spec), await readMade(spec)];
  return await smokeImages(images, { words, limitMs: 10_000 }, { host: host === "none" ? undefined : host, blobs, clock, signal });
}

const ACTS: Readonly<Record<string, Act>> = {
  "/app": () => ({ exitCode: 0 }),
  serve: () => ({ exitCode: 0 }),
  "--version": () => ({ exitCode: 0 }),
  fails: () => ({ exitCode: 3 }),
  lacks: () => ({ exitCode: 127 }),
  aborts: () => ({ exitCode: 134 }),
  crashes: () => ({ exitCode: 139, signal: "SIGSEGV" }),
  illegal: () => ({ exitCode: 132, signal: "SIGILL" }),
};

type Config = Readonly<Record<string, unknown>>;

/** One platform's image, with a program that fits. */
const image = (config: Config, platform = "linux/amd64", machine = platform.split("/")[1] as string): MadeImage => ({
  platforms: { [platform]: { config, layers: [{ createdBy: "COPY app /app", files: { app: { elf: { machine }, mode: 0o755 } } }] } },
});
/** A script that may run its argument, with a program for that machine. */
const handed = (machine: string): MadeImage => ({
  platforms: {
    "linux/arm64": {
      config: { Entrypoint: ["/start.sh"], Cmd: ["/app"], Env: ["PATH=/bin"] },
      layers: [
        {
          files: {
            "bin/sh": { elf: { machine: "arm64" }, mode: 0o755 },
            "start.sh": { text: '#!/bin/sh\nexec "$@"\n', mode: 0o755 },
            app: { elf: { machine: machine as "arm64" }, mode: 0o755 },
          },
        },
      ],
    },
  },
});
const APP = { Entrypoint: ["/app"] };

/** A sandbox with which something is the matter. */
const troubled = (error: ProblemError): SandboxHost => withRun(() => Promise.reject(error));
const withRun = (run: (program: SandboxProgram, signal: AbortSignal) => Promise<SandboxEnd>): MemorySandbox => {
  const host = memorySandbox(ACTS);
  return { ...host, open: async () => ({ ...(await host.open()), run }) };
};
/** A sandbox whose programs never end by themselves. */
const endless = (): SandboxHost =>
  withRun(({ output }, signal) => {
    output("stderr", Buffer.from("listening\n"));
    return new Promise((_, reject) => {
      const stop = (): void => reject(new ProblemError("interrupted", { message: "stopped" }));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop);
    });
  });
const able = (ability: Partial<SandboxAbility>): SandboxHost => memorySandbox(ACTS, ability);

describe("what becomes of a start", () => {
  test.each<readonly [name: string, spec: MadeImage, situation: Situation, result: Partial<SmokeResult>]>([
    ["a good end", image(APP), {}, { state: "passed", how: "native", exitCode: 0, why: "it ended with status 0", command: ["/app"], output: "/app ran\n" }],
    ["ENTRYPOINT and CMD", image({ ...APP, Cmd: ["serve"] }), {}, { state: "passed", command: ["/app", "serve"] }],
    ["arguments for the entrypoint", image({ ...APP, Cmd: ["serve"] }), { words: ["--version"] }, { state: "passed", command: ["/app", "--version"] }],
    [
      "another command",
      image({ ...APP, Cmd: ["serve"] }),
      { words: ["/app", "fails"] },
      { state: "failed", command: ["/app", "fails"], exitCode: 3, act: undefined },
    ],
    [
      "a bad end",
      image({ ...APP, Cmd: ["fails"] }),
      {},
      { state: "failed", exitCode: 3, signal: undefined, why: "it ended with status 3", act: expect.stringContaining("--smoke") },
    ],
    [
      "a status that says something",
      image({ ...APP, Cmd: ["lacks"] }),
      {},
      { state: "failed", exitCode: 127, why: expect.stringMatching(/status 127: .* is not there$/), act: expect.stringContaining("PATH") },
    ],
    [
      "a signal that a shell tells of",
      image({ ...APP, Cmd: ["aborts"] }),
      {},
      { state: "failed", exitCode: 134, signal: undefined, why: "it ended with status 134: a program that it calls was ended by SIGABRT" },
    ],
    ["a signal", image({ ...APP, Cmd: ["crashes"] }), {}, { state: "failed", exitCode: 139, signal: "SIGSEGV", why: "it was ended by SIGSEGV" }],
    [
      "an instruction that the processor lacks",
      image({ ...APP, Cmd: ["illegal"] }),
      {},
      { state: "failed", signal: "SIGILL", act: "build the program for plain amd64" },
    ],
    [
      "one of a level that this processor may lack",
      image({ ...APP, Cmd: ["illegal"] }, "linux/amd64/v3"),
      {},
      { state: "not-run", why: expect.stringContaining("amd64/v3") },
    ],
    [
      "a program that cannot be started",
      image({ ...APP, Cmd: ["unknown"] }),
      {},
      { state: "failed", how: "native", exitCode: undefined, why: 'there is no program "unknown"' },
    ],
    [
      "a server outlasts its time",
      image(APP),
      { clock: HASTY, host: endless() },
      { state: "passed", outlasted: true, exitCode: undefined, why: "it still ran after 10 s, and was ended", output: "listening\n" },
    ],
    [
      "a command must not",
      image(APP),
      { clock: HASTY, host: endless(), words: ["/app"] },
      { state: "failed", outlasted: true, why: "it had not ended after 10 s, and was ended" },
    ],
    ["nothing to start", image({}), {}, { state: "not-run", command: [], how: undefined, why: expect.stringContaining("no ENTRYPOINT and no CMD") }],
    ["arguments for no entrypoint", image({ Cmd: ["/app"] }), { words: ["-v"] }, { state: "not-run", command: [] }],
    ["another operating system", image(APP, "windows/amd64"), {}, { state: "not-run", why: expect.stringContaining("only those for Linux") }],
    ["a machine without Linux", image(APP), { host: "none" }, { state: "not-run", why: expect.stringContaining("take Linux") }],
    [
      "a machine without a sandbox",
      image(APP),
      { host: able({ world: "none", why: "nothing works", notes: ["do this", "do that"] }) },
      { state: "not-run", why: expect.stringMatching(/no sandbox .*: nothing works$/), act: "do this; or do that" },
    ],
    ["a container without namespaces", image(APP), { host: able({ world: "chroot" }) }, { state: "not-run", why: expect.stringContaining("namespaces") }],
    [
      "no emulator",
      image(APP, "linux/arm64"),
      { host: able({ platforms: [{ platform: { os: "linux", architecture: "arm64" }, how: "impossible", why: "no QEMU" }] }) },
      { state: "not-run", why: "programs for linux/arm64 cannot run on this machine: no QEMU", act: expect.stringContaining("qemu-user-static") },
    ],
    [
      "an emulator",
      image(APP, "linux/arm64"),
      { host: able({ platforms: [{ platform: { os: "linux", architecture: "arm64" }, how: "emulated", why: "QEMU" }] }) },
      { state: "passed", how: "emulated" },
    ],
    [
      "a platform that nobody was asked about",
      image(APP, "linux/arm64"),
      { host: able({ platforms: [] }) },
      { state: "not-run", why: expect.stringContaining("nobody tried") },
    ],
    [
      "a program for another processor, which this machine would run",
      image(APP, "linux/arm64", "amd64"),
      {},
      { state: "failed", exitCode: undefined, why: expect.stringMatching(/^exec format error: "\/app" is for .*amd64|x86-64.*linux\/arm64$/), output: "" },
    ],
    [
      "one that a script is handed",
      handed("amd64"),
      {},
      {
        state: "not-run",
        why: expect.stringMatching(/^it did well here, but "\/app", which it may have started, is for .*linux\/arm64$/),
        output: "/app ran\n",
      },
    ],
    ["one that a script is handed, and fits", handed("arm64"), {}, { state: "passed" }],
    [
      "a layer that is damaged",
      { ...image(APP), damage: [{ blob: "linux/amd64 layer 1", flip: 600 }] },
      {},
      { state: "not-run", why: expect.stringContaining("its layer 1 cannot be read") },
    ],
    [
      "a layer that is nowhere",
      { ...image(APP), damage: [{ blob: "linux/amd64 layer 1", remove: true }] },
      {},
      { state: "not-run", why: expect.stringContaining("its layer 1 cannot be read") },
    ],
    [
      "a config that is none",
      { ...image(APP), edits: [{ document: "linux/amd64 config", text: "no JSON" }] },
      {},
      { state: "not-run", why: expect.stringContaining("its config cannot be read") },
    ],
    [
      "a disk that is full",
      image(APP),
      { host: troubled(new ProblemError("disk-full", { message: "no room", hint: "free some" })) },
      { state: "not-run", why: "no room", act: "free some" },
    ],
    [
      "a sandbox that fails",
      image(APP),
      { host: troubled(new ProblemError("sandbox-unavailable", { message: "refused" })) },
      { state: "not-run", why: "refused" },
    ],
  ])("%s", async (_, spec, situation, result) => {
    expect(await smoked(spec, situation)).toEqual([expect.objectContaining(result)]);
  });
});

test("a program gets what the image's config says, no network, and each layer once", async () => {
  const programs: SandboxProgram[] = [];
  const host = withRun(async (program) => {
    programs.push(program);
    return { exitCode: 0, changes: () => (async function* () {})(), keepAs: async () => {}, discard: async () => {} };
  });
  const same = { files: { etc: { folder: true }, "etc/x": "same" } } as const;
  const config = { Entrypoint: ["app"], Cmd: ["a b"], Env: ["PATH=/", "A=1=2"], User: "app:staff", WorkingDir: "srv/../data" };
  const spec: MadeImage = { platforms: { "linux/amd64": { config, layers: [same, { files: { app: { elf: { machine: "amd64" }, mode: 0o755 } } }, same] } } };
  const [result] = await smoked(spec, { host });
  expect(result).toMatchObject({ state: "passed", command: ["app", "a b"] });
  const [first, , third] = (await readMade(spec)).images[0]?.layers ?? [];
  expect(first?.diffId).toBe(third?.diffId);
  expect(programs).toEqual([
    expect.objectContaining({
      arguments: ["app", "a b"],
      environment: ["PATH=/", "A=1=2"],
      user: "app:staff",
      workdir: "/data",
      network: "none",
      mounts: [],
      hosts: [],
    }),
  ]);
  expect(programs[0]?.layers).toEqual([(await readMade(spec)).images[0]?.layers[1]?.diffId, first?.diffId]);
});

test("what a program changed is forgotten", async () => {
  let discarded = 0;
  const host = withRun(async () => ({ exitCode: 1, changes: () => (async function* () {})(), keepAs: async () => {}, discard: async () => void discarded++ }));
  await smoked(image(APP), { host });
  expect(discarded).toBe(1);
});

describe("several platforms", () => {
  const both: MadeImage = { platforms: { ...image(APP).platforms, ...image(APP, "windows/amd64").platforms, ...image(APP, "linux/arm64").platforms } };

  test("have a result each, in their order", async () => {
    expect((await smoked(both)).map(({ platform, state }) => `${platform} ${state}`)).toEqual([
      "linux/amd64 passed",
      "windows/amd64 not-run",
      "linux/arm64 passed",
    ]);
  });

  test("layers are unpacked only of those that can run", async () => {
    const host = memorySandbox(ACTS, { platforms: [{ platform: { os: "linux", architecture: "arm64" }, how: "emulated", why: "QEMU" }] });
    await smoked(both, { host });
    expect(host.unpackedLayers).toEqual([(await readMade(both)).images[2]?.layers[0]?.diffId]);
  });

  test("the machine is not asked when there is nothing to run", async () => {
    let asked = 0;
    const host = memorySandbox(ACTS);
    const counting: SandboxHost = {
      ...host,
      ability(platforms) {
        asked++;
        return host.ability(platforms);
      },
    };
    await smoked(image(APP, "windows/amd64"), { host: counting });
    expect([asked, host.opened]).toEqual([0, 0]);
  });
});

describe("an interrupt", () => {
  const REASON = new ProblemError("interrupted", { message: "stopped by SIGINT" });

  test("ends what runs, and is no result", async () => {
    const stop = new AbortController();
    const host = endless();
    const sandbox = await host.open();
    const begun = {
      ...host,
      open: async () => ({
        ...sandbox,
        run(program: SandboxProgram, signal: AbortSignal) {
          queueMicrotask(() => stop.abort(REASON));
          return sandbox.run(program, signal);
        },
      }),
    };
    expect(await rejectedWith(smoked(image(APP), { host: begun, signal: stop.signal }))).toBe(REASON);
  });

  test("before the first start starts nothing", async () => {
    const host = memorySandbox(ACTS);
    expect(await rejectedWith(smoked(image(APP), { host, signal: AbortSignal.abort(REASON) }))).toBe(REASON);
    expect(host.ran).toEqual([]);
  });
});

test("a registry that fails is no word on the image", async () => {
  const spec = image(APP);
  const { images } = await readMade(spec);
  const failure = new ProblemError("registry-unreachable", { message: "it hung up" });
  const blobs = {
    stat: async () => undefined,
    async *open() {
      yield new Uint8Array(0);
      throw failure;
    },
  };
  const running = smokeImages(
    images,
    { words: undefined, limitMs: 1 },
    { host: memorySandbox(ACTS), blobs, clock: PATIENT, signal: new AbortController().signal },
  );
  expect(await rejectedWith(running)).toBe(failure);
});
