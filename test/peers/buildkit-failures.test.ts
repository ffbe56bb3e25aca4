// Needs: BuildKit, Docker with Buildx (classic image store), a registry with base images
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProblemCode, ProblemError } from "../../src/core/problem.ts";
import { buildkitFailure } from "../../src/engine/buildkit/failure.ts";
import { rawProgress } from "../../src/engine/buildkit/raw-progress.ts";
import { PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

/** A build that fails: Dockerfile (`{registry}` and `{answers}` filled in), flags, what becomes of it. */
interface Case {
  readonly name: string;
  readonly dockerfile: string;
  readonly flags?: readonly string[];
  /** `-H` of docker; the builder is then its own. */
  readonly daemon?: string;
  readonly builder?: string;
  readonly code: ProblemCode;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const FROM = "FROM {registry}/base/busybox:1\n";
const PUSH = (repository: string): string[] => ["--output", `type=image,name={answers}/${repository}:1,push=true`];
const CLASSIC = `unix://${PEERS_RUN}/docker-classic.sock`;

const CASES: readonly Case[] = [
  { name: "an unknown instruction", dockerfile: `${FROM}RUUN x`, code: "dockerfile-syntax", message: /^Dockerfile:2: unknown instruction: RUUN/ },
  { name: "an empty Dockerfile", dockerfile: "", code: "dockerfile-syntax", message: /cannot be empty/ },
  { name: "a port that is none", dockerfile: `${FROM}EXPOSE abc`, code: "dockerfile-semantics", message: /^Dockerfile:2: invalid containerPort: abc/ },
  { name: "an unknown target", dockerfile: `${FROM}`, flags: ["--target", "nope"], code: "stage-unknown", message: /"nope"/, hint: /FROM … AS NAME/ },
  {
    name: "a file that is not in the context",
    dockerfile: `${FROM}COPY absent.txt /`,
    code: "source-missing",
    message: /^Dockerfile:2: "\/absent.txt" does not exist in the build context/,
  },
  {
    name: "a file that a stage does not have",
    dockerfile: `${FROM.trim()} AS a\n${FROM}COPY --from=a /absent /`,
    code: "source-missing",
    message: /"\/absent" does not exist where it is copied from/,
  },
  { name: "a base that is not there", dockerfile: "FROM {registry}/base/none:1", code: "registry-not-found", message: /base\/none:1: not found/ },
  {
    name: "a base without the platform",
    dockerfile: "FROM {registry}/base/debian:12\nCOPY here.txt /",
    flags: ["--platform", "linux/loong64"],
    code: "platform-missing",
    message: /base\/debian:12" has no image/,
  },
  { name: "a registry that is not there", dockerfile: "FROM 127.0.0.1:9/x", code: "registry-unreachable", message: /connection refused/, hint: /network=host/ },
  { name: "a registry that is asked too often", dockerfile: "FROM {answers}/limited/x", code: "registry-rate-limited", message: /429/, hint: /docker login/ },
  { name: "a registry that wants a password", dockerfile: "FROM {answers}/basic/x", code: "registry-unauthorized", message: /401/, hint: /docker login/ },
  { name: "a registry that refuses", dockerfile: "FROM {answers}/denied/x", code: "registry-denied", message: /403/ },
  {
    name: "a push that wants a password",
    dockerfile: `${FROM}COPY here.txt /`,
    flags: PUSH("basic/x"),
    code: "registry-unauthorized",
    message: /failed to push/,
  },
  { name: "a push that is refused", dockerfile: `${FROM}COPY here.txt /`, flags: PUSH("denied/x"), code: "registry-denied", message: /failed to push/ },
  { name: "a push of a name that is none", dockerfile: `${FROM}COPY here.txt /`, flags: PUSH("Upper/x"), code: "reference-malformed", message: /lowercase/ },
  { name: "a program that fails", dockerfile: `${FROM}RUN echo why >&2; exit 7`, code: "run-failed", message: /ended with status 7/ },
  {
    name: "a program that is not there",
    dockerfile: `${FROM}RUN nosuchprogram`,
    code: "run-failed",
    message: /status 127/,
    hint: /"nosuchprogram" is not in the image/,
  },
  { name: "an image without a shell", dockerfile: "FROM scratch\nCOPY here.txt /\nRUN true", code: "run-failed", message: /the image has no "\/bin\/sh"/ },
  {
    name: "a program for another processor",
    dockerfile: "FROM scratch\nCOPY foreign /bin/sh\nRUN true",
    code: "emulator-missing",
    message: /another processor/,
    hint: /binfmt --install/,
  },
  {
    name: "a secret that was not given",
    dockerfile: `${FROM}RUN --mount=type=secret,id=tok,required=true true`,
    code: "secret-missing",
    message: /"tok" was not given/,
    hint: /--secret id=tok/,
  },
  {
    name: "an SSH agent that was not given",
    dockerfile: `${FROM}RUN --mount=type=ssh,required=true true`,
    code: "secret-missing",
    message: /"default" was not given/,
    hint: /--ssh default/,
  },
  { name: "a secret whose file is not there", dockerfile: FROM, flags: ["--secret", "id=tok,src=absent"], code: "secret-missing", message: /"absent"/ },
  {
    name: "a right that was not granted",
    dockerfile: `${FROM}RUN --network=host true`,
    code: "entitlement-missing",
    message: /network\.host, which was not granted/,
    hint: /--allow network\.host/,
  },
  {
    name: "a right that the daemon does not grant",
    dockerfile: `${FROM}RUN --security=insecure true`,
    flags: ["--allow", "security.insecure"],
    code: "entitlement-missing",
    message: /does not grant security\.insecure/,
    hint: /buildkitd-flags/,
  },
  {
    name: "an output for which there is no room",
    dockerfile: `${FROM}COPY here.txt /`,
    flags: ["--output", "type=oci,dest=/dev/full"],
    code: "disk-full",
    message: /no space left on device/,
  },
  { name: "ADD of what is not there", dockerfile: `${FROM}ADD http://{answers}/other /`, code: "download-failed", message: /404/ },
  {
    name: "ADD of something else",
    dockerfile: `${FROM}ADD --checksum=sha256:${"0".repeat(64)} http://{answers}/v2/ /`,
    code: "checksum-mismatch",
    message: /wanted sha256:0{64}/,
  },
  { name: "a Dockerfile that is not there", dockerfile: FROM, flags: ["--file", "none"], code: "file-unreadable", message: /"none"|none/ },
  { name: "a flag that Buildx does not know", dockerfile: FROM, flags: ["--nope"], code: "buildx-unavailable", message: /--nope/ },
  { name: "a builder that is not there", dockerfile: FROM, builder: "nosuch", code: "builder-unusable", message: /no builder named "nosuch"/ },
  {
    name: "a daemon that is not there",
    dockerfile: FROM,
    daemon: "unix:///nonexistent/docker.sock",
    code: "docker-unavailable",
    message: /Cannot connect to the Docker daemon/,
  },
  {
    name: "several platforms in the classic store",
    dockerfile: FROM,
    daemon: CLASSIC,
    flags: ["--platform", "linux/amd64,linux/arm64", "--output", "type=image"],
    code: "builder-unusable",
    message: /Multi-platform build is not supported for the docker driver/,
    hint: /fix --host/,
  },
  {
    name: "an OCI archive from the classic store",
    dockerfile: FROM,
    daemon: CLASSIC,
    code: "builder-unusable",
    message: /OCI exporter is not supported/,
    hint: /fix --host/,
  },
];

peerSuite("failures of real builders", ["buildkitd", "buildx", "registry", "bases", "docker-classic"], () => {
  const folder = mkdtempSync(join(tmpdir(), "mh-failures-"));
  const env = { BUILDX_CONFIG: join(folder, "buildx") };
  let answers: Server;

  beforeAll(async () => {
    run("docker", ["buildx", "create", "--name", "peer", "--driver", "remote", `unix://${PEERS_RUN}/buildkitd.sock`], { env });
    writeFileSync(join(folder, "here.txt"), "here\n");
    writeFileSync(join(folder, "foreign"), foreignProgram());
    chmodSync(join(folder, "foreign"), 0o755);
    answers = await answering();
  });
  afterAll(() => {
    answers.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(CASES)("$name", async (one) => {
    const fill = (text: string): string =>
      text.replaceAll("{registry}", REGISTRY).replaceAll("{answers}", `127.0.0.1:${(answers.address() as AddressInfo).port}`);
    writeFileSync(join(folder, "Dockerfile"), fill(one.dockerfile));
    const flags = (one.flags ?? []).map(fill);
    const output = flags.includes("--output") ? [] : ["--output", "type=oci,dest=-"];
    const docker = one.daemon === undefined ? [] : ["-H", one.daemon];
    const builder = one.builder ?? (one.daemon === undefined ? "peer" : "default");
    const problem = await failureOf([
      ...docker,
      "buildx",
      "build",
      "--builder",
      builder,
      "--progress",
      "rawjson",
      "--provenance=false",
      ...output,
      ...flags,
      ".",
    ]);
    expect({ code: problem.code, message: problem.message, hint: problem.hint }).toEqual({
      code: one.code,
      message: expect.stringMatching(one.message),
      hint: one.hint === undefined ? problem.hint : expect.stringMatching(one.hint),
    });
  });

  function failureOf(args: readonly string[]): Promise<ProblemError> {
    return new Promise((resolve, reject) => {
      execFile("docker", args, { env: peerEnvironment(env), cwd: folder, encoding: "utf8", maxBuffer: 1 << 26, timeout: 60_000 }, (error, _stdout, stderr) => {
        if (error === null) return reject(new Error(`docker ${args.join(" ")} went well`));
        const progress = rawProgress({ events: { emit: () => undefined }, clock: { nowMs: () => 0, sleep: () => Promise.resolve() } });
        for (const line of stderr.split("\n").slice(0, -1)) progress.line(line);
        const status = typeof error.code === "number" ? error.code : 1;
        buildkitFailure(progress.end(), { kind: "ended", status }, { shown: "the builder", driver: "remote", buildx: undefined, env: {} }).then(
          resolve,
          reject,
        );
      });
    });
  }
});

/** The head of a program for RISC-V, with which no host of these tests can do anything. */
function foreignProgram(): Uint8Array {
  const head = Buffer.alloc(128);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(243, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(0x10000n, 24);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  return head;
}

/** A registry that answers as its repositories are called. */
async function answering(): Promise<Server> {
  const ANSWERS: Readonly<Record<string, readonly [status: number, code: string]>> = {
    limited: [429, "TOOMANYREQUESTS"],
    basic: [401, "UNAUTHORIZED"],
    denied: [403, "DENIED"],
  };
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/v2/") return response.end("{}");
    const [status, code] = ANSWERS[request.url?.split("/")[2] ?? ""] ?? [404, "NAME_UNKNOWN"];
    response.writeHead(status, { "content-type": "application/json", ...(status === 401 ? { "www-authenticate": 'Basic realm="x"' } : {}) });
    return response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
