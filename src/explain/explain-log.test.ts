import { describe, expect, test } from "vitest";
import { githubLog, type LoggedStep } from "../../test/harness/github-log.ts";
import type { Confidence } from "../findings/finding.ts";
import { explainLog } from "./explain-log.ts";
import type { Explanation } from "./explanation.ts";

const explain = (log: string): Promise<Explanation> => explainLog([log]);
const ids = (explanation: Explanation, failure = 0): string[] => explanation.failures[failure]?.causes.map(({ id }) => id) ?? [];

const BUILD = "docker/build-push-action@v6";
const BUILDX: LoggedStep = { run: "docker/setup-buildx-action@v3", with: { driver: "docker-container", use: "true" } };
const QEMU: LoggedStep = { run: "docker/setup-qemu-action@v3", with: {} };
const DOCKER: LoggedStep = { run: "docker/setup-docker-action@v4", with: { version: "latest" } };
const LOGIN: LoggedStep = { run: "docker/login-action@v3", with: { registry: "ghcr.io", username: "bot" } };
const TWO = { platforms: "linux/amd64,linux/arm64", push: "true", context: "." };

const MULTI = `ERROR: failed to build: Multi-platform build is not supported for the docker driver.
Switch to a different driver, or turn on the containerd image store, and try again.
Learn more at https://docs.docker.com/go/build-multi-platform/
##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-multi-platform/`;
const CACHE = `ERROR: failed to build: Cache export is not supported for the docker driver.
Switch to a different driver, or turn on the containerd image store, and try again.
Learn more at https://docs.docker.com/go/build-cache-backends/
##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-cache-backends/`;
const ATTESTATION = `ERROR: failed to build: Attestation is not supported for the docker driver.
Learn more at https://docs.docker.com/go/attestations/
##[error]buildx failed with: Learn more at https://docs.docker.com/go/attestations/`;

/** What Buildx prints of a RUN that fails. */
const failedRun = (vertex: string, output: string, code = 255): string => `#0 building with "default" instance using docker driver

#9 ${vertex}
#9 0.345 ${output}
#9 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: ${code}
------
 > ${vertex}:
0.345 ${output}
------
Dockerfile:7
--------------------
   5 |     COPY . .
   6 |     
   7 | >>> RUN make
   8 |     
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: ${code}
##[error]buildx failed with: ERROR: failed to build: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: ${code}`;

const failedPush = (error: string): string => `#20 exporting to image
#20 pushing layers 1.2s done
#20 ERROR: ${error}
------
 > exporting to image:
------
ERROR: failed to build: failed to solve: ${error}
##[error]buildx failed with: ERROR: failed to build: failed to solve: ${error}`;

const failedBase = (image: string, error: string): string => `#3 [linux/arm64 internal] load metadata for ${image}
#3 ERROR: ${error}
------
 > [linux/arm64 internal] load metadata for ${image}:
------
Dockerfile:1
--------------------
   1 | >>> FROM ${image}
--------------------
ERROR: failed to build: failed to solve: ${image}: failed to resolve source metadata for ${image}: ${error}
##[error]buildx failed with: ERROR: failed to solve: ${error}`;

interface Case {
  readonly name: string;
  readonly steps: readonly LoggedStep[];
  readonly image?: string;
  readonly downloads?: readonly string[];
  /** The likeliest cause. */
  readonly is: string;
  readonly confidence?: Confidence;
  readonly not?: readonly string[];
}

const build = (prints: string, inputs: Readonly<Record<string, string>> = TWO): LoggedStep => ({ run: BUILD, with: inputs, prints });

const CASES: readonly Case[] = [
  // A. Builder driver and image store
  {
    name: "no builder at all",
    steps: [build(MULTI)],
    is: "docker-driver-multi-platform",
    confidence: "likely",
    not: ["setup-docker-resets-builder", "driver-docker-explicit"],
  },
  { name: "a new daemon (KubeRay)", steps: [DOCKER, build(MULTI)], is: "setup-docker-resets-builder", confidence: "likely" },
  { name: "builder before the new daemon", steps: [BUILDX, DOCKER, build(MULTI)], is: "setup-buildx-before-setup-docker", confidence: "certain" },
  { name: "builder downloaded but not run", steps: [build(MULTI)], downloads: ["docker/setup-buildx-action@v3"], is: "setup-buildx-after-build" },
  { name: "driver: docker", steps: [{ run: "docker/setup-buildx-action@v3", with: { driver: "docker" } }, build(MULTI)], is: "driver-docker-explicit" },
  { name: "use: false", steps: [{ run: "docker/setup-buildx-action@v3", with: { use: "false" } }, build(MULTI)], is: "use-false-no-builder-input" },
  {
    name: "docker build ignores the builder",
    steps: [
      BUILDX,
      { run: "docker build --platform linux/amd64,linux/arm64 .", prints: MULTI.replace(/##\[error\].*/, "##[error]Process completed with exit code 1.") },
    ],
    is: "docker-build-ignores-builder",
  },
  { name: "cache export", steps: [build(CACHE)], is: "docker-driver-cache-export", confidence: "certain" },
  { name: "attestation", steps: [build(ATTESTATION)], is: "docker-driver-attestation" },
  {
    name: "OCI exporter",
    steps: [
      build(
        "ERROR: OCI exporter is not supported for the docker driver.\n##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-exporters/",
      ),
    ],
    is: "docker-driver-oci-exporter",
    confidence: "certain",
  },
  {
    name: "load of several platforms",
    steps: [
      BUILDX,
      build(
        "ERROR: docker exporter does not currently support exporting manifest lists\n##[error]buildx failed with: ERROR: docker exporter does not currently support exporting manifest lists",
        { platforms: "linux/amd64,linux/arm64", load: "true" },
      ),
    ],
    is: "load-multi-platform",
    confidence: "certain",
  },
  {
    name: "load with provenance of one platform",
    steps: [
      BUILDX,
      build("##[error]buildx failed with: ERROR: docker exporter does not currently support exporting manifest lists", {
        platforms: "linux/amd64",
        load: "true",
        provenance: "true",
      }),
    ],
    is: "load-and-explicit-provenance",
  },
  {
    name: "push by digest on the docker driver",
    steps: [build("##[error]buildx failed with: ERROR: push-by-digest is currently not implemented for docker driver, please create a new builder instance")],
    is: "docker-driver-push-by-digest",
    confidence: "certain",
  },
  {
    name: "push by digest with a tag",
    steps: [BUILDX, build(failedPush("can't push tagged ref registry.test/app:1 by digest"))],
    is: "push-by-digest-with-tag",
    confidence: "certain",
  },
  {
    name: "push without a tag",
    steps: [BUILDX, build("##[error]buildx failed with: ERROR: tag is needed when pushing to registry")],
    is: "tag-needed-for-push",
    confidence: "certain",
  },
  {
    name: "an old client",
    steps: [
      {
        run: "docker ps",
        prints:
          "Error response from daemon: client version 1.38 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "docker29-min-api",
    confidence: "certain",
  },
  {
    name: "a runner without Docker",
    steps: [
      {
        run: QEMU.run,
        with: {},
        prints:
          "##[error]Unable to locate executable file: docker. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.",
      },
    ],
    image: "macos-14",
    is: "runner-without-docker",
    confidence: "certain",
  },
  {
    name: "no buildx in the container",
    steps: [build("##[error]Docker buildx is required. See https://github.com/docker/setup-buildx-action to set up buildx.")],
    is: "job-container-no-docker",
  },
  {
    name: "a full disk",
    steps: [BUILDX, build(failedRun("[linux/amd64 build 4/6] RUN make", "write /out/a.o: no space left on device", 1))],
    is: "self-hosted-no-cleanup-disk",
  },
  // B. Emulation
  {
    name: "no emulator on the docker driver",
    steps: [build(failedRun("[linux/arm64 3/5] RUN make", "exec /bin/sh: exec format error"))],
    is: "qemu-missing-docker-driver",
    confidence: "likely",
    not: ["buildplatform-in-final-stage", "riscv64-unsupported"],
  },
  { name: "riscv64", steps: [QEMU, build(failedRun("[linux/riscv64 3/5] RUN make", "exec /bin/sh: exec format error"))], is: "riscv64-unsupported" },
  {
    name: "arm/v7 on an arm64 runner",
    steps: [build(failedRun("[linux/arm/v7 3/5] RUN make", "exec /bin/sh: exec format error"))],
    image: "ubuntu-24.04-arm",
    is: "arm-v7-on-arm64-host",
  },
  {
    name: "QEMU crashes",
    steps: [QEMU, build(failedRun("[linux/arm64 2/5] RUN apt-get install", "qemu: uncaught target signal 11 (Segmentation fault) - core dumped", 139))],
    is: "qemu-segfault",
    confidence: "certain",
  },
  {
    name: "Node under QEMU",
    steps: [QEMU, build(failedRun("[linux/arm64 2/5] RUN npm ci", "qemu: uncaught target signal 4 (Illegal instruction) - core dumped", 132))],
    is: "qemu-illegal-instruction-node",
    confidence: "certain",
  },
  {
    name: "a container of another platform",
    steps: [
      {
        run: "docker run --rm --platform linux/arm64 app",
        prints:
          "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64/v4) and no specific platform was requested\nexec /app: exec format error\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "qemu-missing-docker-run",
  },
  {
    name: "binfmt may not be mounted",
    steps: [{ run: QEMU.run, with: {}, prints: "##[error]cannot mount binfmt_misc filesystem at /proc/sys/fs/binfmt_misc: operation not permitted" }],
    is: "binfmt-rootless",
    confidence: "certain",
  },
  // C. Dockerfile
  {
    name: "a tool of another architecture",
    steps: [QEMU, BUILDX, build(failedRun("[linux/arm64 4/5] RUN tool --version", "/bin/sh: 1: tool: cannot execute binary file: Exec format error", 126))],
    is: "hardcoded-arch-url",
  },
  {
    name: "a file that is not there for one platform",
    steps: [
      BUILDX,
      build(failedRun("[linux/arm64 2/3] COPY manager-arm64 /manager", 'failed to calculate checksum of ref abc::def: "/manager-arm64": not found', 1)),
    ],
    is: "copy-arch-file-missing",
  },
  {
    name: "a base without the platform",
    steps: [BUILDX, build(failedBase("docker.io/library/old:1", "no match for platform in manifest: not found"))],
    is: "base-image-missing-platform",
  },
  // D. Workflow and action inputs
  {
    name: "an upper-case name",
    steps: [
      BUILDX,
      build(
        'ERROR: failed to build: invalid tag "ghcr.io/Org/App:1": repository name must be lowercase\n##[error]buildx failed with: ERROR: invalid tag "ghcr.io/Org/App:1": repository name must be lowercase',
      ),
    ],
    is: "uppercase-repository",
  },
  {
    name: "two artifacts of one name",
    steps: [
      {
        run: "actions/upload-artifact@v4",
        with: { name: "digests" },
        prints:
          "##[error]Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run",
      },
    ],
    is: "digest-artifact-name-collision",
    confidence: "certain",
  },
  {
    name: "a merge without log-in",
    steps: [
      BUILDX,
      {
        run: "docker buildx imagetools create -t registry.test/app:1 $(printf '%s ' *)",
        prints:
          "ERROR: failed to authorize: failed to fetch anonymous token: unexpected status from GET request: 401 Unauthorized\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "merge-job-no-login-or-buildx",
  },
  {
    name: "a removed command",
    steps: [
      {
        run: "echo ::set-env name=A::b",
        prints:
          "##[error]Unable to process command '::set-env name=A::b' successfully.\n##[error]The `set-env` command is disabled. Please upgrade to using Environment Files.",
      },
    ],
    is: "set-output-deprecated",
  },
  // E. Registries
  {
    name: "no log-in",
    steps: [
      BUILDX,
      build(
        failedPush(
          "failed to push docker.io/org/app:1: push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        ),
      ),
    ],
    is: "login-missing-or-late",
    confidence: "likely",
  },
  {
    name: "a local registry",
    steps: [
      BUILDX,
      build(
        failedPush(
          'failed to push localhost:5000/app: failed to do request: Head "http://localhost:5000/v2/app/blobs/x": dial tcp 127.0.0.1:5001: connect: connection refused',
        ),
      ),
    ],
    is: "local-registry-network-host",
    confidence: "certain",
  },
  {
    name: "a token that may not write packages",
    steps: [BUILDX, LOGIN, build(failedPush("failed to push ghcr.io/org/app:1: denied: permission_denied: write_package"))],
    is: "ghcr-packages-permission",
    confidence: "certain",
  },
  {
    name: "quay refuses the robot",
    steps: [BUILDX, LOGIN, build(failedPush("unauthorized: access to the requested resource is not authorized"))],
    is: "quay-unauthorized",
  },
  {
    name: "the pull limit",
    steps: [
      BUILDX,
      build(
        failedBase(
          "docker.io/library/alpine:3",
          "unexpected status: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        ),
      ),
    ],
    is: "rate-limit-base-images",
  },
  {
    name: "no secrets for a fork",
    steps: [{ run: LOGIN.run, with: {}, prints: "##[error]Username and password required" }],
    is: "fork-pr-no-secrets",
    confidence: "certain",
  },
  {
    name: "plain HTTP",
    steps: [BUILDX, build(failedPush('failed to do request: Head "https://registry.test/v2/": http: server gave HTTP response to HTTPS client'))],
    is: "insecure-http-registry",
    confidence: "certain",
  },
  {
    name: "an immutable tag",
    steps: [
      BUILDX,
      LOGIN,
      build(
        failedPush("tag invalid: The image tag '1.0' already exists in the 'app' repository and cannot be overwritten because the repository is immutable."),
      ),
    ],
    is: "tag-immutable",
    confidence: "certain",
  },
  // F. Manifests
  {
    name: "a stale manifest list",
    steps: [
      {
        run: "docker manifest create app:1 app:1-amd64",
        prints: "refusing to amend an existing manifest list with no --amend flag\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "docker-manifest-stale-local",
    confidence: "certain",
  },
  {
    name: "an index as source",
    steps: [{ run: "docker manifest create app:1 app:1-amd64", prints: "ERROR: app:1-amd64 is a manifest list\n##[error]Process completed with exit code 1." }],
    is: "docker-manifest-create-index-source",
  },
  {
    name: "Lambda",
    steps: [
      {
        run: "aws lambda update-function-code",
        prints:
          "An error occurred (InvalidParameterValueException) when calling the UpdateFunctionCode operation: The image manifest, config or layer media type for the source image 1.dkr is not supported.\n##[error]Process completed with exit code 254.",
      },
    ],
    is: "lambda-rejects-index",
    confidence: "certain",
  },
  // G. Verification
  {
    name: "an image without the platform",
    steps: [
      {
        run: "docker pull --platform linux/arm64 app:1",
        prints:
          "no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "missing-platform-after-release",
  },
  // H. Caching
  {
    name: "the old cache service",
    steps: [
      BUILDX,
      build(
        failedPush(
          "This legacy service is shutting down, effective April 15, 2025. Migrate to the new service ASAP. For more information: https://gh.io/gha-cache-sunset",
        ),
      ),
    ],
    is: "gha-v1-shutdown",
    confidence: "certain",
  },
  {
    name: "a cache that the registry refuses",
    steps: [BUILDX, LOGIN, build(failedPush("error writing layer blob: failed to copy: failed to send write: EOF"))],
    is: "cache-failure-fails-build",
  },
  // I. Release workflows
  {
    name: "GoReleaser on the default driver",
    steps: [
      {
        run: "goreleaser/goreleaser-action@v6",
        with: { args: "release" },
        prints: `  • docker images\n  ⨯ release failed after 42s   error=docker images: failed to build ghcr.io/org/app:1: ERROR: Attestation is not supported for the docker driver.\n##[error]The process '/opt/goreleaser' failed with exit code 1`,
      },
    ],
    is: "goreleaser-default-builder",
  },
  {
    name: "push is no boolean",
    steps: [build('##[error]TypeError: Input does not meet YAML 1.2 "Core Schema" specification: push')],
    is: "push-string-boolean",
  },
  {
    name: "an empty digest",
    steps: [{ run: "actions/attest-build-provenance@v2", with: {}, prints: '##[error]Error: subject-digest must be in the format "sha256:<hex-digest>"' }],
    is: "attest-build-provenance-digest",
  },
  // J. Save, load, compose, bake
  {
    name: "Compose on the classic builder",
    steps: [
      {
        run: "docker compose build",
        prints: "the classic builder doesn't support multi-arch build, set DOCKER_BUILDKIT=1 to use BuildKit\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "compose-platforms",
  },
  {
    name: "Compose on the docker driver",
    steps: [
      { run: "docker compose build", prints: "Multi-platform build is not supported for the docker driver.\n##[error]Process completed with exit code 17." },
    ],
    is: "compose-platforms",
  },
  {
    name: "targets of other platforms",
    steps: [
      BUILDX,
      {
        run: "docker/bake-action@v6",
        with: { targets: "all" },
        prints: `##[error]buildx bake failed with: ERROR: target app can't be used because its platforms [linux/arm64] are not a subset of [linux/amd64]`,
      },
    ],
    is: "bake-linked-target-platforms",
  },
  {
    name: "docker save of two platforms",
    steps: [
      {
        run: "docker save --platform linux/amd64,linux/arm64 app",
        prints:
          "Error response from daemon: multiple platforms not supported for this image store; use a multi-platform image store such as containerd-snapshotter\n##[error]Process completed with exit code 1.",
      },
    ],
    is: "docker-save-multi-platform",
    confidence: "certain",
  },
  // K. Other tools
  {
    name: "skopeo",
    steps: [
      {
        run: "skopeo inspect docker://app",
        prints:
          'time="2025" level=fatal msg="Error parsing manifest for image: choosing an image from manifest list: no image found in image index for architecture \\"arm64\\""\n##[error]Process completed with exit code 1.',
      },
    ],
    is: "podman-arch-missing",
  },
];

describe("GitHub's raw log", () => {
  test.each(CASES)("$name", async ({ steps, image, downloads, is, confidence, not = [] }) => {
    const explanation = await explain(githubLog(steps, { ...(image === undefined ? {} : { image }), ...(downloads === undefined ? {} : { downloads }) }));
    expect(explanation.verdict).toBe("explained");
    const [failure] = explanation.failures;
    expect(ids(explanation)[0]).toBe(is);
    if (confidence !== undefined) expect(failure?.causes[0]?.confidence).toBe(confidence);
    for (const id of not) expect(ids(explanation)).not.toContain(id);
    expect(failure?.where.step?.name).toBe(steps.at(-1)?.run.split("\n")[0]);
  });
});
