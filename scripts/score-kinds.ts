/** Why a build is left with the docker driver: whatever it then lacks. */
const LEFT_WITH_DOCKER: readonly string[] = [
  "builder-made-too-late",
  "builder-under-other-condition",
  "builder-in-other-job",
  "builder-lost-by-context",
  "builder-not-chosen",
  "docker-build-ignores-builder",
  "docker-driver-chosen",
];

/** What a corpus calls a kind of defect → the rules that tell it. A rule may tell several. */
export const RULES_OF_KIND: Readonly<Record<string, readonly string[]>> = {
  "docker-driver": ["driver-without-multi-platform", ...LEFT_WITH_DOCKER],
  "explicit-driver-docker": ["docker-driver-chosen"],
  "load-multi": ["load-of-several-platforms"],
  "platform-name": ["unknown-platform"],
  "missing-qemu": ["run-without-emulator", "builder-emulator-only"],
  "cache-export": ["driver-without-cache-export", ...LEFT_WITH_DOCKER],
  attestation: ["driver-without-attestations", ...LEFT_WITH_DOCKER],
  "bpa-v1-ignores-platforms": ["unknown-input"],
  "dockerfile-arg-default": ["targetarch-with-default"],
  "dockerfile-final-stage-buildplatform": ["final-stage-on-build-platform"],
  "dockerfile-hardcoded-arch": ["hard-coded-compiler-target", "hard-coded-download"],
};

/** Words of a corpus's remarks on what is still wrong in a file → the rules that may tell it there. */
export const RULES_OF_REMARK: readonly (readonly [words: RegExp, rules: readonly string[]])[] = [
  [/qemu|emulat/i, ["run-without-emulator"]],
  [/inputs?\b/i, ["unknown-input"]],
  [/localhost|local registry/i, ["local-registry-without-host-network"]],
  [/hard-?coded/i, ["hard-coded-compiler-target", "hard-coded-download"]],
  [/platform/i, ["unknown-platform"]],
];

/** A certain error on a file that the corpus takes for sound, judged by reading: it is true. */
export interface Judged {
  /** Of the message. */
  readonly message: RegExp;
  readonly rule: string;
  /** Of the file's name in the corpus; absent: any. */
  readonly sample?: RegExp;
  readonly reason: string;
}

export const JUDGED_TRUE: readonly Judged[] = [
  {
    rule: "load-of-several-platforms",
    message: /attestations cannot be loaded/,
    reason: "Buildx (build/opt.go) refuses `load` with provenance or SBOM asked for by hand, also for one platform; the file is one of a row of tries",
  },
  {
    rule: "final-stage-on-build-platform",
    message: /^the image for linux\/arm64 gets/,
    sample: /dita-ot/,
    reason: "the only stage of the Dockerfile is FROM --platform=$BUILDPLATFORM, and the workflow publishes it for arm64: the same defect as in pair 92",
  },
  {
    rule: "constant-platform-in-final-stage",
    message: /^the image for linux\/arm64 gets the programs of linux\/amd64/,
    sample: /eos-downloader/,
    reason: "ARG BUILDPLATFORM=linux/amd64 before the first FROM goes before BuildKit's value, and the last stage is FROM --platform=$BUILDPLATFORM",
  },
  {
    rule: "hard-coded-compiler-target",
    message: /^the program for linux\/arm64 is compiled for amd64: GOARCH/,
    sample: /^03-/,
    reason: "the apiserver's Dockerfile has GOARCH=amd64, and this commit, which was taken back, builds it for arm64 too",
  },
  {
    rule: "syntax",
    message: /needs the unknown job/,
    reason: "GitHub refuses a workflow in which a job needs one that is not there; the file did not run as it stands",
  },
  {
    rule: "shut-down-action",
    message: /^GitHub refuses actions\/(?:(?:up|down)load-artifact@v[123]|cache@v[012]) since/,
    reason: "the file was deleted before, or nobody ran it since: GitHub fails each job that uses this major since that day",
  },
  {
    rule: "invalid-image-name",
    message: /\$\{/,
    sample: /^united-manufacturing-hub/,
    reason: "no shell fills in an action's input: Docker is given the text as it stands, and refuses it",
  },
  {
    rule: "invalid-image-name",
    message: /in lower case/,
    sample: /^34-/,
    reason: "an item of `tags` is a whole name, and Docker refuses a repository with capital letters",
  },
  {
    rule: "log-in-missing",
    message: /logs in to another registry/,
    sample: /^35-/,
    reason: "the one log-in of the job is for Docker Hub, and what is pushed goes to ghcr.io",
  },
  {
    rule: "tag-overwritten-by-matrix",
    message: /ubercadence\/server/,
    sample: /^52-/,
    reason: "two rows push one tag for a platform each, and no job joins them",
  },
];
