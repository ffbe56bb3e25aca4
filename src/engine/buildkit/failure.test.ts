import { describe, expect, test } from "vitest";
import { recordedFailures } from "../../../test/harness/buildkit-recordings.ts";
import type { Facts, ProblemCode, ProblemError } from "../../core/problem.ts";
import { buildkitFailure, errorWords } from "./failure.ts";
import { dockerfilePlace } from "./failure-place.ts";
import { rawProgress } from "./raw-progress.ts";
import type { BuildkitBuilder } from "./request.ts";

const BUILDER: BuildkitBuilder = { shown: 'builder "team" (remote)', driver: "remote", buildx: "0.29.1", env: {} };

function failureOf(lines: readonly string[]): Promise<ProblemError> {
  const progress = rawProgress({ events: { emit: () => undefined }, clock: { nowMs: () => 0, sleep: () => Promise.resolve() } });
  for (const line of lines) progress.line(line);
  return buildkitFailure(progress.end(), { kind: "ended", status: 1 }, BUILDER);
}

const recordings = recordedFailures();

/** Name of the recording, code, message, a part of the hint (undefined: none), some facts. */
const TABLE: readonly (readonly [name: string, code: ProblemCode, message: string, hint: string | undefined, facts?: Facts])[] = [
  ["parse-unknown", "dockerfile-syntax", "Dockerfile:2: unknown instruction: RUUN (did you mean RUN?)\n2 | RUUN x", undefined, { line: 2 }],
  ["parse-empty", "dockerfile-syntax", "the Dockerfile cannot be empty", undefined],
  ["parse-flag", "dockerfile-syntax", "Dockerfile:2: unknown flag: --nope\n2 | COPY --nope a b", undefined, { line: 2 }],
  ["parse-from", "dockerfile-syntax", "Dockerfile:2: FROM requires either one or three arguments\n2 | FROM", undefined, { line: 2 }],
  ["parse-heredoc", "dockerfile-syntax", "Dockerfile:2: unterminated heredoc\n2 | RUN <<EOF", undefined, { line: 2 }],
  ["no-from", "dockerfile-syntax", "Dockerfile:1: no build stage in current context\n1 | COPY a b", undefined, { line: 1 }],
  [
    "semantic-var",
    "dockerfile-semantics",
    'Dockerfile:2: failed to process "${x?must be set}": x: must be set\n2 | WORKDIR ${x?must be set}',
    undefined,
    { line: 2 },
  ],
  ["semantic-json", "dockerfile-semantics", "Dockerfile:2: invalid containerPort: abc\n2 | EXPOSE abc", undefined, { line: 2 }],
  ["stage", "stage-unknown", 'the Dockerfile has no stage named "nope"', "--target takes a name from FROM … AS"],
  [
    "copy-from-absent",
    "registry-unreachable",
    'Dockerfile:2: "docker.io/library/nope:latest": failed to do request: Head "https://registry-1.docker.io/v2/library/nope/manifests/latest": dial tcp: lookup registry-1.docker.io on 192.0.2.53:53: no such host',
    undefined,
    { line: 2 },
  ],
  [
    "copy-from-stage-missing",
    "source-missing",
    'Dockerfile:3: "/absent" does not exist where it is copied from: COPY --from=a /absent /',
    "check the path against the files that",
    { line: 3 },
  ],
  [
    "copy-fails",
    "source-missing",
    'Dockerfile:2: "/absent.txt" does not exist in the build context, or .dockerignore leaves it out: COPY absent.txt /',
    "check the path against the files that",
    { line: 2 },
  ],
  ["base-not-found", "registry-not-found", "Dockerfile:1: registry.example/base/none:1: not found", "check the name and the", { line: 1 }],
  [
    "base-no-platform",
    "platform-missing",
    'Dockerfile:1: "registry.example/base/debian:12" has no image for a platform that is built',
    "choose a base that has the platform",
    { failure: "base-image-missing-platform", line: 1 },
  ],
  [
    "base-refused",
    "registry-unreachable",
    'Dockerfile:1: "127.0.0.1:9/base/none:1": failed to do request: Head "http://127.0.0.1:9/v2/base/none/manifests/1": dial tcp 127.0.0.1:9: connect: connection refused',
    "see whether the registry runs; a",
    { failure: "local-registry-network-host", line: 1 },
  ],
  [
    "base-unknown-host",
    "registry-unreachable",
    'Dockerfile:1: "registry.invalid/base/none:1": failed to do request: Head "https://registry.invalid/v2/base/none/manifests/1": dial tcp: lookup registry.invalid on 192.0.2.53:53: no such host',
    undefined,
    { line: 1 },
  ],
  [
    "foreign-exec",
    "emulator-missing",
    'Dockerfile:3: "/bin/sh" could not be started: it is for another processor than the builder\'s, and nothing there emulates it',
    "give the builder's machine an emulator",
    { failure: "qemu-missing-docker-driver", exitCode: 1, line: 3 },
  ],
  ["foreign-file", "run-failed", 'Dockerfile:3: "/bin/sh -c /bin/rv" ended with status 127', undefined, { exitCode: 127, line: 3 }],
  [
    "no-shell",
    "run-failed",
    'Dockerfile:2: "/bin/sh -c echo hi" could not be started: the image has no "/bin/sh"',
    "start from an image that has it, or",
    { exitCode: 1, line: 2 },
  ],
  [
    "not-found-127",
    "run-failed",
    'Dockerfile:2: "/bin/sh -c nosuchprogram" ended with status 127',
    '"nosuchprogram" is not in the image or',
    { exitCode: 127, line: 2 },
  ],
  [
    "exec-form",
    "run-failed",
    'Dockerfile:2: "nosuchprogram" could not be started: the image has no "nosuchprogram"',
    "start from an image that has it, or",
    { exitCode: 1, line: 2 },
  ],
  [
    "run-fails",
    "run-failed",
    'Dockerfile:3: "/bin/sh -c echo before; if [ $(uname -m) = aarch64 ]; then echo no such thing >&2; exit 7; fi; sleep 3" ended with status 7 (linux/arm64)',
    undefined,
    { exitCode: 7, platform: "linux/arm64", line: 3 },
  ],
  [
    "disk-run",
    "run-failed",
    'Dockerfile:2: "/bin/sh -c dd if=/dev/zero of=/t/x bs=1M count=1" ended with status 1',
    "a disk of the builder is full: docker",
    { exitCode: 1, line: 2 },
  ],
  [
    "disk-dest",
    "disk-full",
    "no room is left: failed to copy to tar: rpc error: code = ResourceExhausted desc = write /dev/full: no space left on device",
    "docker buildx prune makes room for the",
    { failure: "self-hosted-no-cleanup-disk" },
  ],
  ["secret", "secret-missing", 'Dockerfile:2: the secret "tok" was not given', "give it with --secret id=tok,src=FILE", { line: 2 }],
  ["secret-src", "secret-missing", 'the file of a secret cannot be read: "absent"', "check src= of"],
  ["ssh", "secret-missing", 'Dockerfile:2: the SSH agent "default" was not given', "give it with --ssh", { line: 2 }],
  ["ssh-noagent", "secret-missing", "there is no SSH agent to give: SSH_AUTH_SOCK is not set", "start one with eval $(ssh-agent) and"],
  ["insecure", "entitlement-missing", "the Dockerfile asks for security.insecure, which was not granted", "grant it with --allow"],
  ["insecure-allowed", "entitlement-missing", 'builder "team" (remote) does not grant security.insecure to anybody', "its daemon must allow it: docker buildx"],
  ["host-net", "entitlement-missing", "the Dockerfile asks for network.host, which was not granted", "grant it with --allow"],
  [
    "reg-limited",
    "registry-rate-limited",
    'Dockerfile:1: "registry.example/limited/x:1": unexpected status from HEAD request to http://registry.example/v2/limited/x/manifests/1: 429 Too Many Requests',
    "log in with docker login, which raises",
    { line: 1 },
  ],
  [
    "reg-basic",
    "registry-unauthorized",
    'Dockerfile:1: "registry.example/basic/x:1": unexpected status from HEAD request to http://registry.example/v2/basic/x/manifests/1: 401 Unauthorized',
    "log in with docker login, as the user",
    { line: 1 },
  ],
  [
    "reg-token",
    "registry-unauthorized",
    'Dockerfile:1: "registry.example/token/x:1": unexpected status from GET request to http://registry.example/v2/tok/x?scope=repository%3Atoken%2Fx%3Apull&service=s: 401 Unauthorized',
    "log in with docker login, as the user",
    { line: 1 },
  ],
  [
    "reg-token2",
    "registry-unauthorized",
    'Dockerfile:1: "registry.example/token2/x:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    "log in with docker login, as the user",
    { line: 1 },
  ],
  [
    "reg-denied",
    "registry-denied",
    'Dockerfile:1: "registry.example/denied/x:1": unexpected status from HEAD request to http://registry.example/v2/denied/x/manifests/1: 403 Forbidden',
    "ask whoever owns the repository for the",
    { line: 1 },
  ],
  [
    "reg-broken",
    "registry-status",
    'Dockerfile:1: "registry.example/broken/x:1": unexpected status from HEAD request to http://registry.example/v2/broken/x/manifests/1: 500 Internal Server Error',
    undefined,
    { line: 1 },
  ],
  [
    "push-limited",
    "registry-rate-limited",
    "failed to push registry.example/limited/x:1: unexpected status from HEAD request to http://registry.example/v2/limited/x/blobs/sha256:59c8813c15d03d3a4a0ba4d6ff5eeef2f9562cc27fce11e9c70631785b5e388e: 429 Too Many Requests",
    "log in with docker login, which raises",
  ],
  [
    "push-basic",
    "registry-unauthorized",
    "failed to push registry.example/basic/x:1: unexpected status from HEAD request to http://registry.example/v2/basic/x/blobs/sha256:bbb556e7aa786c41254bd1879ebc07abf7d2e494942134ff8072bb392a0075a0: 401 Unauthorized",
    "log in with docker login, as the user",
  ],
  [
    "push-token",
    "registry-unauthorized",
    "failed to push registry.example/token/x:1: unexpected status from GET request to http://registry.example/v2/tok/x?scope=repository%3Atoken%2Fx%3Apull%2Cpush&service=s: 401 Unauthorized",
    "log in with docker login, as the user",
  ],
  ["push-denied", "registry-denied", "failed to push registry.example/denied/x:1: denied", "ask whoever owns the repository for the"],
  [
    "push-broken",
    "registry-status",
    "failed to push registry.example/broken/x:1: unexpected status from HEAD request to http://registry.example/v2/broken/x/blobs/sha256:bbb556e7aa786c41254bd1879ebc07abf7d2e494942134ff8072bb392a0075a0: 500 Internal Server Error",
    undefined,
  ],
  [
    "push-upper",
    "reference-malformed",
    "failed to push registry.example/Other/x:1: invalid reference format: repository name (Other/x) must be lowercase",
    "a repository is lower-case letters,",
    { failure: "uppercase-repository" },
  ],
  ["no-builder", "builder-unusable", 'there is no builder named "nosuch"', "docker buildx ls shows those there are;"],
  ["dead", "builder-unusable", 'builder "team" (remote) does not answer', "start it, or look where its nodes are"],
  [
    "classic",
    "builder-unusable",
    "Multi-platform build is not supported for the docker driver",
    "multihull fix --host --with buildx",
    { failure: "docker-driver-multi-platform" },
  ],
  [
    "classic-oci",
    "builder-unusable",
    "OCI exporter is not supported for the docker driver",
    "multihull fix --host --with buildx",
    { failure: "docker-driver-oci-exporter" },
  ],
  [
    "classic-docker",
    "builder-unusable",
    "Docker exporter is not supported for the docker driver",
    "multihull fix --host --with buildx",
    { failure: "docker-driver-oci-exporter" },
  ],
  [
    "load-multi",
    "builder-unusable",
    "docker exporter does not support exporting manifest lists, use the oci exporter instead",
    "outputs: type=oci,dest=img.tar for a",
    { failure: "load-multi-platform" },
  ],
  [
    "classic-cache",
    "builder-unusable",
    "Cache export is not supported for the docker driver",
    "multihull fix --host --with buildx",
    { failure: "docker-driver-cache-export" },
  ],
  [
    "classic-sbom",
    "builder-unusable",
    "Attestation is not supported for the docker driver",
    "multihull fix --host --with buildx",
    { failure: "docker-driver-attestation" },
  ],
  [
    "docker-down",
    "docker-unavailable",
    "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?",
    "start Docker (systemctl start docker,",
  ],
  ["no-context", "docker-unavailable", 'there is no Docker context named "nosuch"', "docker context ls shows those there"],
  [
    "permission",
    "docker-unavailable",
    'permission denied while trying to connect to the Docker daemon socket at unix:///run/docker.sock: Head "http://%2Frun%2Fdocker.sock/_ping": dial unix /run/docker.sock: connect: permission denied',
    "add this user to the group docker (sudo",
  ],
  ["no-plugin", "buildx-unavailable", "docker has no Buildx plugin", "install Buildx: the package"],
  ["lost", "builder-unusable", 'builder "team" (remote) was lost while it built', "see whether its BuildKit still runs,"],
  [
    "disk-builder",
    "disk-full",
    "D4:2: no room is left: failed to copy: write /var/lib/buildkit/runc-native/content/ingest/afe090364b852314c65d45133ca13978eb4217772020fbc7d3bf004aa4486390/data: no space left on device",
    "docker buildx prune makes room for the",
    { failure: "self-hosted-no-cleanup-disk", line: 2 },
  ],
  ["bad-output", "builder-unusable", 'builder "team" (remote) has no exporter "what"', undefined],
  ["bad-flag", "buildx-unavailable", "this Buildx does not know the flag --nope", "install a newer"],
  ["bad-platform2", "platform-malformed", '"foo/bar/baz/qux": cannot parse platform specifier: invalid argument', "wanted os/arch or os/arch/variant, such"],
  ["no-dockerfile", "file-unreadable", 'there is no Dockerfile "none"', "name it with"],
  ["bad-arg", "context-unreadable", "failed to get build context x: stat absent: no such file or directory", "check the path of the build context,"],
  [
    "bad-annotation",
    "buildkit-failed",
    "exporting to oci image format: index annotations not supported for single platform export",
    "use manifest:",
    { failure: "index-annotations-single-platform" },
  ],
  ["add-http", "download-failed", "ADD http://registry.example/other /: invalid response status 404", undefined],
  [
    "add-refused",
    "download-failed",
    'ADD http://127.0.0.1:9/other /: Get "http://127.0.0.1:9/other": dial tcp 127.0.0.1:9: connect: connection refused',
    undefined,
    { failure: "local-registry-network-host" },
  ],
  [
    "add-checksum",
    "checksum-mismatch",
    "ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 http://registry.example/v2/ /: got sha256:b58c35bdaf248e831d8a5934efb09e9e7ea53e2078773ce5077033f35d0b0ded, wanted sha256:0000000000000000000000000000000000000000000000000000000000000000",
    undefined,
  ],
  ["syntax-line", "registry-not-found", "Dockerfile:1: registry.example/base/nofrontend:1: not found", "check the name and the", { line: 1 }],
  [
    "cache-to",
    "registry-unreachable",
    'error writing layer blob: failed to do request: Head "http://127.0.0.1:9/v2/none/cache/blobs/sha256:bbb556e7aa786c41254bd1879ebc07abf7d2e494942134ff8072bb392a0075a0": dial tcp 127.0.0.1:9: connect: connection refused',
    "see whether the registry runs; a",
    { failure: "local-registry-network-host" },
  ],
  ["interrupted", "interrupted", "the build was stopped", undefined],
];

test("every recording of a failure is expected to be something", () => expect(TABLE.map(([name]) => name).sort()).toEqual([...recordings.keys()].sort()));

test.each(TABLE.map(([name, ...expected]) => ({ name, expected })))("$name", async ({ name, expected: [code, message, hint, facts = {}] }) => {
  const problem = await failureOf(recordings.get(name) ?? []);
  expect({ code: problem.code, message: problem.message }).toEqual({ code, message });
  expect(problem.facts).toMatchObject({ status: 1, ...facts });
  if (hint === undefined) expect(problem.hint).toBeUndefined();
  else expect(problem.hint).toContain(hint);
});

describe("what other versions print", () => {
  test.each<readonly [string, string, ProblemCode, string]>([
    [
      "Buildx before 0.12",
      "ERROR: multiple platforms feature is currently not supported for docker driver. Please switch to a different driver",
      "builder-unusable",
      "fix --host",
    ],
    ["Docker before 28", "docker: 'buildx' is not a docker command.\nSee 'docker --help'", "buildx-unavailable", "install Buildx"],
    ["docker without Buildx", "unknown shorthand flag: 'o' in -o\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]", "buildx-unavailable", "install Buildx"],
    [
      "a daemon behind ssh",
      "ERROR: error during connect: Get http://docker.example.com/_ping: command [ssh] has exited with exit status 255",
      "docker-unavailable",
      "docker context ls",
    ],
    [
      "a registry without TLS",
      'ERROR: failed to solve: failed to do request: Head "https://a/v2/": http: server gave HTTP response to HTTPS client',
      "registry-unreachable",
      "http = true",
    ],
    [
      "an unknown authority",
      'ERROR: failed to solve: failed to do request: Head "https://a/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      "registry-unreachable",
      "buildkitd.toml",
    ],
    [
      "Docker Hub's limit",
      "ERROR: failed to solve: a: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit",
      "registry-rate-limited",
      "docker login",
    ],
    ["a base of one platform", "ERROR: failed to solve: a: no match for platform in manifest sha256:0: not found", "platform-missing", "choose a base"],
    ["an SSH key that is not there", 'ERROR: failed to solve: no SSH key "git" forwarded from the client', "secret-missing", "--ssh git"],
  ])("%s", async (_, words, code, hint) => {
    const problem = await failureOf(['{"vertexes":[{"digest":"sha256:0","name":"[internal] load build definition from Dockerfile"}]}', ...words.split("\n")]);
    expect([problem.code, problem.hint]).toEqual([code, expect.stringContaining(hint)]);
  });
});

describe("what no table names", () => {
  test("is told in BuildKit's own words", async () => {
    const problem = await failureOf(["ERROR: failed to build: failed to solve: the moon is in the wrong quarter"]);
    expect(problem).toMatchObject({ code: "buildkit-failed", message: "the moon is in the wrong quarter", facts: { status: 1 } });
  });

  test("without a word, says so", async () => {
    expect(await failureOf([])).toMatchObject({ code: "buildkit-failed", message: "docker buildx build ended with status 1 and did not say why" });
  });

  test("says no secret that BuildKit repeats", async () => {
    const problem = await failureOf(["ERROR: failed to solve: cannot fetch https://me:hunter2@git.example/x"]);
    expect(problem.message).toBe("cannot fetch https://git.example/x");
  });
});

test.each([
  ["there is no docker", { kind: "missing" }, "there is no docker program on PATH"],
  ["docker cannot be started", { kind: "unstartable", why: "it is not executable" }, "docker cannot be started: it is not executable"],
] as const)("%s", async (_, ended, message) => {
  expect(await buildkitFailure({ answered: false, failed: undefined, words: [] }, ended, BUILDER)).toMatchObject({ code: "buildx-unavailable", message });
});

test.each([
  ["frames", ["ERROR: failed to build: failed to solve: a:1: failed to resolve source metadata for a:1: x"], "x"],
  ["gRPC's code", ["ERROR: failed to solve: Unavailable: x"], "x"],
  ["several lines", ["noise", "ERROR: failed to build: a", "b"], "a\nb"],
  ["no ERROR", ["unknown flag: --x", "", "Usage:"], "unknown flag: --x\n\nUsage:"],
  ["nothing", [], ""],
])("the error in Buildx's words: %s", (_, words, error) => expect(errorWords(words)).toBe(error));

test.each([
  [
    "an excerpt",
    ["Dockerfile:2", "--------------------", "   1 |     FROM a", "   2 | >>> RUUN", "--------------------"],
    { file: "Dockerfile", line: 2, excerpt: "\n2 | RUUN" },
  ],
  ["a name with a colon and blanks", ["my app:x:12", "--------------------"], { file: "my app:x", line: 12, excerpt: "" }],
  ["a place without an excerpt", ["Dockerfile:2", "ERROR: x"], undefined],
  ["no place", ["--------------------"], undefined],
])("the place in a Dockerfile: %s", (_, words, place) => expect(dockerfilePlace(words)).toEqual(place));
