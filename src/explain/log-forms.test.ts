import { describe, expect, test } from "vitest";
import { githubLog } from "../../test/harness/github-log.ts";
import { explainLog } from "./explain-log.ts";
import type { Explanation, LogForm, Where } from "./explanation.ts";

const explain = (log: string | Uint8Array): Promise<Explanation> => explainLog([log]);
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const json = (value: object): string => JSON.stringify(value);
const DIGEST = `sha256:${"ab".repeat(32)}`;

interface Case {
  readonly name: string;
  readonly log: string;
  readonly form: LogForm | undefined;
  readonly is: string;
  readonly where?: Partial<Where>;
  /** Numbers of the lines that are shown. */
  readonly lines?: readonly number[];
}

const PLAIN = `#0 building with "b" instance using docker-container driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 98B done
#1 DONE 0.0s

#8 [linux/amd64 build 2/3] RUN make
#8 0.101 Killed
#8 DONE 1.2s

#9 [linux/arm64 build 2/3] RUN make
#9 0.345 qemu: uncaught target signal 11 (Segmentation fault) - core dumped
#9 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 139
------
 > [linux/arm64 build 2/3] RUN make:
0.345 qemu: uncaught target signal 11 (Segmentation fault) - core dumped
------
docker/Dockerfile:12
--------------------
  10 |     COPY . .
  11 |     
  12 | >>> RUN make
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 139
`;

const CASES: readonly Case[] = [
  {
    name: "Buildx, plain progress",
    log: PLAIN,
    form: "buildx",
    is: "qemu-segfault",
    where: { platform: "linux/arm64", stage: "build", instruction: "RUN make", source: { file: "docker/Dockerfile", line: 12 }, exitCode: 139 },
    lines: [12],
  },
  {
    name: "the same with CRLF",
    log: PLAIN.replaceAll("\n", "\r\n"),
    form: "buildx",
    is: "qemu-segfault",
    where: { platform: "linux/arm64", source: { file: "docker/Dockerfile", line: 12 } },
    lines: [12],
  },
  {
    name: "Bake, a cross-compiled stage",
    log:
      " > [app linux/amd64->arm64 build 2/3] RUN make:\n".replace(/^/, "------\n") +
      '0.3 /bin/sh: tool: cannot execute binary file: Exec format error\n------\nERROR: target app: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 126\n',
    form: undefined,
    is: "hardcoded-arch-url",
    where: { target: "app", platform: "linux/arm64", stage: "build", exitCode: 126 },
  },
  {
    name: "rawjson",
    log: [
      json({ vertexes: [{ digest: DIGEST, name: "[linux/s390x 2/3] RUN make", started: "2025-05-09T10:00:00Z" }] }),
      json({
        logs: [
          {
            vertex: DIGEST,
            stream: 2,
            data: base64("qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n"),
            timestamp: "2025-05-09T10:00:01Z",
          },
        ],
      }),
      json({
        vertexes: [{ digest: DIGEST, name: "[linux/s390x 2/3] RUN make", error: 'process "/bin/sh -c make" did not complete successfully: exit code: 139' }],
      }),
    ].join("\n"),
    form: "rawjson",
    is: "qemu-segfault",
    where: { platform: "linux/s390x", instruction: "RUN make", exitCode: 139 },
    lines: [2],
  },
  {
    name: "Docker's legacy builder",
    log: 'DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\nStep 1/2 : FROM --platform=$BUILDPLATFORM alpine\nfailed to parse platform : "" is an invalid component of "": platform specifier component must match\n',
    form: "legacy builder",
    is: "legacy-builder-args-empty",
    where: { instruction: "FROM --platform=$BUILDPLATFORM alpine" },
  },
  {
    name: "Buildah",
    log: '[linux/arm64] STEP 1/3: FROM alpine\n[linux/arm64] STEP 2/3: RUN make\nqemu: uncaught target signal 11 (Segmentation fault) - core dumped\nError: building at STEP "RUN make": while running runtime: exit status 139\n',
    form: "buildah",
    is: "qemu-segfault",
    where: { platform: "linux/arm64", instruction: "RUN make", exitCode: 139 },
  },
  {
    name: "Compose on a terminal",
    log: ' => [web internal] load build definition from Dockerfile\n => ERROR [web linux/arm64 2/3] RUN make      0.4s\n------\n > [web linux/arm64 2/3] RUN make:\n0.3 qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n------\nfailed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 139\n',
    form: undefined,
    is: "qemu-segfault",
    where: { target: "web", platform: "linux/arm64" },
  },
  {
    name: "gh run view --log",
    log: githubLog([
      {
        run: "docker/build-push-action@v6",
        with: { platforms: "linux/amd64,linux/arm64" },
        prints:
          "ERROR: Multi-platform build is not supported for the docker driver.\n##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-multi-platform/",
      },
    ]).replace(/^/gm, "image / push\tUNKNOWN STEP\t"),
    form: "gh",
    is: "docker-driver-multi-platform",
    where: { job: "image / push" },
  },
  {
    name: "GitLab",
    log: "Running with gitlab-runner 17.0.0 (44feccdf)\n$ docker buildx build --platform linux/amd64,linux/arm64 .\nERROR: Multi-platform build is not supported for the docker driver.\n",
    form: "gitlab",
    is: "gitlab-dind-no-binfmt",
  },
  {
    name: "GoReleaser",
    log: "  • docker images\n  ⨯ release failed after 42s   error=docker images: failed to build app:1: ERROR: Attestation is not supported for the docker driver.\n",
    form: "goreleaser",
    is: "goreleaser-default-builder",
  },
  { name: "one line from somewhere", log: "docker exporter does not currently support exporting manifest lists", form: undefined, is: "load-multi-platform" },
  {
    name: "colours",
    log: "\u001b[1;31mERROR:\u001b[0m \u001b[31mtag is needed \u001b[1mwhen pushing to registry\u001b[0m\n",
    form: undefined,
    is: "tag-needed-for-push",
  },
  {
    name: "a progress bar before it",
    log: "10%\r50%\r100%\rERROR: tag is needed when pushing to registry\n",
    form: undefined,
    is: "tag-needed-for-push",
    lines: [1],
  },
  { name: "hearsay in other case and blanks", log: "Error: no MUST  support AMD64/linux\n", form: undefined, is: "cloudrun-wrong-arch" },
];

describe("forms of logs", () => {
  test.each(CASES)("$name", async ({ log, form, is, where, lines }) => {
    const explanation = await explain(log);
    const [failure] = explanation.failures;
    expect(failure?.causes[0]?.id).toBe(is);
    if (form !== undefined) expect(explanation.log.forms).toContain(form);
    if (where !== undefined) expect(failure?.where).toMatchObject(where);
    if (lines !== undefined) expect(failure?.lines.map(({ number }) => number).slice(0, lines.length)).toEqual(lines);
  });

  test("UTF-16, as PowerShell writes it", async () => {
    const text = "\ufeffERROR: tag is needed when pushing to registry\r\n";
    const little = new Uint8Array(Buffer.from(text, "utf16le"));
    expect((await explain(little)).failures[0]?.causes[0]?.id).toBe("tag-needed-for-push");
    const big = new Uint8Array(Buffer.from(text, "utf16le").swap16());
    expect((await explain(big)).failures[0]?.causes[0]?.id).toBe("tag-needed-for-push");
  });

  test("pieces of any size are the same log", async () => {
    const bytes = new TextEncoder().encode(PLAIN.replace("COPY", "COPY é"));
    const whole = await explainLog([bytes]);
    const pieces = await explainLog([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(pieces).toEqual(whole);
  });

  test("facts of the machine", async () => {
    const { log } = await explain(
      githubLog(
        [
          {
            run: "docker/setup-buildx-action@v3",
            with: {},
            prints: ' Server Version: 28.0.4\n Storage Driver: overlay2\ngithub.com/docker/buildx v0.23.0 28c90ea\n"driver": "docker-container",',
          },
        ],
        { image: "ubuntu-24.04" },
      ),
    );
    expect(log).toMatchObject({
      runnerImage: "ubuntu-24.04",
      dockerVersion: "28.0.4",
      imageStore: "classic",
      buildxVersion: "v0.23.0",
      driver: "docker-container",
    });
  });
});
