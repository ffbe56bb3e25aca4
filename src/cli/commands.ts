/** What a command is, as data: `program.ts` makes the parser of it, `scripts/generate.ts` the page `docs/cli.md`. */
export interface CommandSpec {
  /** Words behind `multihull`. */
  readonly path: readonly string[];
  readonly summary: string;
  /** In commander's form: `[CONTEXT]` may be missing, `<REF>` may not. */
  readonly argument?: { readonly form: string; readonly about: string };
  readonly flags: readonly FlagSpec[];
  /** Command lines worth copying, with what they do. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly load: () => Promise<{ readonly run: Run }>;
}

export interface FlagSpec {
  /** In commander's form: `-t, --tag <REF>`. */
  readonly form: string;
  readonly about: string;
  /** A list may be given several times; a switch has no value; a valued switch may have one, behind `=`: `--smoke[=CMD]`. */
  readonly kind: "switch" | "text" | "list" | "choice" | "valued-switch";
  readonly choices?: readonly string[];
  readonly default?: string;
  /** Environment variable that stands in when the flag is not given. */
  readonly env?: string;
}

/** The values of flags by camel-cased name: switches are `true`, also valued ones that have no value, lists arrays, all else text; absent when not given. */
export type Given = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** Runs a command. @returns the exit status */
export type Run = (argument: string | undefined, given: Given, signal: AbortSignal) => Promise<number>;

const store: FlagSpec = {
  form: "--store <DIR>",
  kind: "text",
  env: "MULTIHULL_STORE",
  about: "folder for blobs, step cache and embedded registry (default: $XDG_CACHE_HOME/multihull)",
};
const json: FlagSpec = { form: "--json", kind: "switch", about: "print one JSON document on stdout" };
const insecure: FlagSpec = {
  form: "--insecure-registry <HOST>",
  kind: "list",
  about: "registry that is spoken to over http, or over TLS without a known certificate",
};
const mirror: FlagSpec = { form: "--registry-mirror <[HOST=]URL>", kind: "list", about: "where to pull from first; HOST is docker.io when not told" };

/** Whether registries are asked about base images. */
const online: readonly FlagSpec[] = [
  { form: "--online", kind: "switch", about: "ask registries for which platforms base images are, with your Docker credentials; without it nobody is asked" },
  insecure,
  mirror,
];

/** Where the Dockerfile is, and for what it is built. */
const source: readonly FlagSpec[] = [
  { form: "-f, --file <FILE>", kind: "text", about: "Dockerfile, or - for standard input (default: CONTEXT/Dockerfile)" },
  { form: "--platform <LIST>", kind: "list", about: "platforms to build for, separated by commas (default: this machine's)" },
];
/** What goes into the image. */
const ingredients: readonly FlagSpec[] = [
  { form: "--target <STAGE>", kind: "text", about: "stage to build (default: the last)" },
  { form: "--build-arg <KEY[=VALUE]>", kind: "list", about: "value of an ARG; without = it is taken from the environment" },
  { form: "--build-context <NAME=VALUE>", kind: "list", about: "named context: folder, docker-image://REF, oci-layout://DIR, git or http address" },
  { form: "--label <KEY=VALUE>", kind: "list", about: "label of the image" },
];
/** What RUN steps are given. */
const programs: readonly FlagSpec[] = [
  {
    form: "--secret <SPEC>",
    kind: "list",
    about: "secret for RUN --mount=type=secret: id=NAME[,src=FILE|,env=VARIABLE]; without either the variable NAME, else the file NAME",
  },
  {
    form: "--ssh <SPEC>",
    kind: "list",
    about:
      "SSH agent for RUN --mount=type=ssh: default|ID[=SOCKET|KEY[,KEY]]; without = the agent of SSH_AUTH_SOCK. A step can list its keys and sign, no more",
  },
  { form: "--allow <ENTITLEMENT>", kind: "list", about: "what RUN steps may ask for: network.host" },
  { form: "--network <MODE>", kind: "text", about: "network of RUN steps that ask for none: default, none or host; default is the machine's, too" },
  { form: "--add-host <HOST:IP>", kind: "list", about: "line in the hosts file of RUN steps; the IP host-gateway is this machine" },
  { form: "--shm-size <BYTES>", kind: "text", about: "size of /dev/shm in RUN steps: 64m, 1g (default: 64m)" },
  { form: "--ulimit <TYPE=SOFT[:HARD]>", kind: "list", about: "limit of RUN steps, such as nofile=1024:2048; -1 for none" },
  {
    form: "--emulator <SPEC>",
    kind: "list",
    about: "QEMU for RUN steps of foreign platforms: a folder, IMAGE@sha256:DIGEST, debian, or FILE.deb (default: what is on PATH)",
  },
];
/** What is not taken from memory. */
const anew: readonly FlagSpec[] = [
  { form: "--no-cache", kind: "switch", about: "make every step anew" },
  { form: "--no-cache-filter <STAGE>", kind: "list", about: "stages whose steps are made anew" },
  { form: "--pull", kind: "switch", about: "ask the registry for base images even when they are known (the embedded engine always does)" },
];
/** What builds, and how registries and state are reached. */
const means: readonly FlagSpec[] = [
  {
    form: "--engine <NAME>",
    kind: "choice",
    choices: ["auto", "embedded", "buildkit"],
    default: "auto",
    about: "what builds: auto takes what can do the plan, and a real BuildKit where it runs the plan's programs natively",
  },
  { form: "--builder <NAME>", kind: "text", about: "Buildx builder that builds (default: the one that docker buildx build takes); means --engine buildkit" },
  {
    form: "--node <PLATFORM=ADDRESS>",
    kind: "list",
    about:
      "BuildKit that builds these platforms (separated by commas): tcp://HOST:PORT, ssh://USER@HOST, kubernetes://NAME or unix://SOCKET; the results become one image",
  },
  store,
  insecure,
  mirror,
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    path: ["build"],
    summary: "Build an image for one or many platforms",
    argument: { form: "[CONTEXT]", about: "folder, git address, or - for a Dockerfile or archive on standard input (default: .)" },
    flags: [
      ...source,
      { form: "-t, --tag <REF>", kind: "list", about: "name of the image: [REGISTRY/]REPOSITORY[:TAG]" },
      { form: "-o, --output <SPEC>", kind: "list", about: "where the result goes: type=image|registry|oci|docker|local|tar[,ATTRIBUTE=VALUE]…" },
      { form: "--push", kind: "switch", about: "short for --output=type=registry" },
      { form: "--load", kind: "switch", about: "short for --output=type=docker: into the Docker daemon" },
      {
        form: "--verify",
        kind: "switch",
        about: "prove what is inside before it goes anywhere, and fail where it is wrong (default: before it is pushed, but not with --direct-push)",
      },
      { form: "--no-verify", kind: "switch", about: "push without a look inside" },
      ...ingredients,
      {
        form: "--annotation <[TYPE:]KEY=VALUE>",
        kind: "list",
        about: "annotation; TYPE is manifest, index, manifest-descriptor or index-descriptor, with [PLATFORM]",
      },
      ...programs,
      ...anew,
      {
        form: "--cache-from <SPEC>",
        kind: "list",
        about: "external cache to read: type=local,src=DIR or type=registry,ref=REF, or the REF of an image alone; with BuildKit any of its types",
      },
      {
        form: "--cache-to <SPEC>",
        kind: "list",
        about: "external cache to write: type=local,dest=DIR, type=registry,ref=REF or type=inline; with BuildKit any of its types",
      },
      { form: "--provenance <SPEC>", kind: "text", about: "provenance attestation, made by BuildKit alone; none is made unless asked for" },
      { form: "--sbom <SPEC>", kind: "text", about: "SBOM attestation, made by BuildKit alone; none is made unless asked for" },
      { form: "--attest <SPEC>", kind: "list", about: "attestation: type=provenance|sbom, made by BuildKit alone" },
      { form: "--metadata-file <FILE>", kind: "text", about: "write digests and names of the result as JSON" },
      { form: "--iidfile <FILE>", kind: "text", about: "write the image's digest" },
      {
        form: "--progress <MODE>",
        kind: "choice",
        choices: ["auto", "tty", "plain", "json", "quiet"],
        default: "auto",
        env: "BUILDKIT_PROGRESS",
        about: "how progress is shown",
      },
      { form: "-q, --quiet", kind: "switch", about: "short for --progress=quiet: only the image ID, on stdout" },
      { ...json, about: "print one JSON document on stdout, or on stderr when an archive goes to stdout" },
      ...means,
      {
        form: "--direct-push",
        kind: "switch",
        about: "with --push: BuildKit pushes by itself, by digest, and nothing of the image passes through this machine",
      },
    ],
    examples: [
      ["multihull build --platform linux/amd64,linux/arm64 -t ghcr.io/org/app:v1 --push .", "both platforms as one image, pushed"],
      ["multihull build --platform linux/arm64 -o type=oci,dest=app.tar .", "an OCI archive"],
    ],
    load: () => import("./run/build.ts"),
  },
  {
    path: ["doctor"],
    summary: "Predict from a repository's files why its multi-platform builds will fail",
    argument: { form: "[PATH]", about: "folder of a repository, or one workflow, action or Dockerfile of it (default: .)" },
    flags: [
      {
        form: "--format <FORMAT>",
        kind: "choice",
        choices: ["text", "json", "sarif", "github", "markdown"],
        default: "text",
        about: "how the findings are printed: github is annotations for a workflow's log, markdown a job summary",
      },
      {
        form: "--fail-on <SEVERITY>",
        kind: "choice",
        choices: ["error", "warning", "info"],
        about: "lowest severity that ends with status 1; what is only possible never does (default: what multihull.yaml says, else error)",
      },
      { form: "--rule <ID>", kind: "list", about: "only what this rule finds" },
      { form: "--as-of <DATE>", kind: "text", about: "the day whose runners are taken, as YYYY-MM-DD (default: today)" },
      ...online,
      {
        form: "--host",
        kind: "switch",
        about:
          "look at this machine instead: what Docker, Buildx and multihull can build here, for which platforms, and why not; status 1 when nothing here builds one of --platform",
      },
      { form: "--platform <LIST>", kind: "list", about: "with --host: platforms to try, separated by commas (default: all that images are published for)" },
      { form: "--emulator <SPEC>", kind: "list", about: "with --host: QEMU to fetch and try, as for build" },
      { form: "--registry <HOST>", kind: "list", about: "with --host: registry to ask whether it answers, such as ghcr.io" },
      store,
    ],
    examples: [
      ["multihull doctor", "every workflow of the repository, in every way it can be started"],
      ["multihull doctor --format sarif > multihull.sarif", "for code scanning and editors"],
      ["multihull doctor --as-of 2026-02-10 .github/workflows/release.yml", "one workflow, on the runners of that day"],
      ["multihull doctor --host", "what this machine can build, by which engine, and what Docker would say"],
    ],
    load: () => import("./run/doctor.ts"),
  },
  {
    path: ["explain"],
    summary: "Tell what a failed build's log means, and what to do",
    argument: {
      form: "[LOG]",
      about: "file, or - for standard input (default: -); GitHub's logs, Buildx, Docker, Compose, Buildah, Podman and GoReleaser are understood",
    },
    flags: [
      { form: "--format <FORMAT>", kind: "choice", choices: ["text", "json"], default: "text", about: "how the explanation is printed" },
      {
        form: "--path <DIR>",
        kind: "text",
        about: "repository that the log is of: the step is pointed to, with what doctor says of it (default: . where it has workflows)",
      },
      { form: "--as-of <DATE>", kind: "text", about: "YYYY-MM-DD: day of the run, whose runners are taken (default: what the log tells, else today)" },
    ],
    examples: [
      ["gh run view 123456 --log-failed | multihull explain", "the failure, its cause and what to do; status 1 when no failure that we know is in the log"],
      ["multihull explain --format json build.log", "the same as one JSON document"],
    ],
    load: () => import("./run/explain.ts"),
  },
  {
    path: ["fix"],
    summary: "Mend what doctor finds, each mend proven before it is shown",
    argument: { form: "[PATH]", about: "folder of a repository, or one workflow, action or Dockerfile of it (default: .)" },
    flags: [
      {
        form: "--with <WAY>",
        kind: "choice",
        choices: ["buildx", "containerd"],
        about: "which way out, where there are both: a Buildx builder, or Docker's containerd image store",
      },
      { form: "--rule <ID>", kind: "list", about: "only what this rule finds" },
      { form: "--write", kind: "switch", about: "write the files; without it a diff is printed" },
      { form: "--unsafe", kind: "switch", about: "also mends that may change more of what a workflow does" },
      { form: "--as-of <DATE>", kind: "text", about: "the day whose runners and actions are taken, as YYYY-MM-DD (default: today)" },
      { form: "--format <FORMAT>", kind: "choice", choices: ["text", "json"], default: "text", about: "what is printed" },
      ...online,
      {
        form: "--runners <WAY>",
        kind: "choice",
        choices: ["native", "one"],
        about:
          "change which runners build an image for several platforms: native builds each on a runner of its own architecture and joins the digests, one is the way back",
      },
      { form: "--job <ID>", kind: "list", about: "with --runners: only this job" },
      {
        form: "--host",
        kind: "switch",
        about: "mend this machine instead, in the way of --with: shows each change, and does it with --write; status 1 when something is left to do",
      },
      { form: "--undo", kind: "switch", about: "with --host: take back what the last --write did" },
      {
        form: "--platform <LIST>",
        kind: "list",
        about: "with --host: platforms that builds are wanted for, separated by commas; emulators are registered for them",
      },
      { form: "--daemon-config <FILE>", kind: "text", about: "with --host --with containerd: Docker's daemon.json, when it is not where Docker reads it" },
      { form: "--restart", kind: "switch", about: "with --host: restart Docker also when running containers stop by it" },
      { form: "--no-restart", kind: "switch", about: "with --host: leave the restart of Docker to you" },
      { form: "--builder <NAME>", kind: "text", about: "with --host --with buildx: builder to use or make" },
      { form: "--image <REF>", kind: "text", about: "with --host --with buildx: BuildKit's image for a new builder" },
      store,
    ],
    examples: [
      ["multihull fix", "a diff on stdout, what it mends and costs on stderr"],
      ["multihull fix --with buildx --write", "set up Buildx builders where they are missing"],
      ["multihull fix --runners native --job docker", "a diff that builds arm64 on an arm64 runner instead of under emulation"],
      ["multihull fix --host --with containerd --write", "Docker's own builder learns images of several platforms; --undo takes it back"],
    ],
    load: () => import("./run/fix.ts"),
  },
  {
    path: ["plan"],
    summary: "Show what a build would do, and how, without doing it",
    argument: { form: "[CONTEXT]", about: "as for build (default: .)" },
    flags: [...source, ...ingredients, ...anew, ...means, json],
    examples: [["multihull plan --platform linux/amd64,linux/arm64 .", "the graph of steps, each with the platforms it serves"]],
    load: () => import("./run/plan.ts"),
  },
  {
    path: ["inspect"],
    summary: "Show what is in an image, platform by platform",
    argument: { form: "<IMAGE>", about: "REGISTRY/REPO[:TAG][@DIGEST], oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, or a folder with an OCI layout" },
    flags: [
      { form: "--platform <LIST>", kind: "list", about: "only these platforms" },
      { form: "--files", kind: "switch", about: "list the files of each platform (reads every layer)" },
      { form: "--raw", kind: "switch", about: "print the index or manifest as it is, byte for byte" },
      json,
      store,
      insecure,
      mirror,
    ],
    examples: [["multihull inspect --files oci-archive:app.tar", "configs, layers and files of every platform"]],
    load: () => import("./run/inspect.ts"),
  },
  {
    path: ["verify"],
    summary: "Prove what is inside every platform of an image, without running it",
    argument: { form: "<IMAGE>", about: "REGISTRY/REPO[:TAG][@DIGEST], oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, or a folder with an OCI layout" },
    flags: [
      {
        form: "--platform <LIST>",
        kind: "list",
        about: "platforms that the image is to have, separated by commas, and no others (default: what the repository you stand in publishes it for)",
      },
      { form: "--against <IMAGE>", kind: "text", about: "compare with another image: configs, layers and files of each platform" },
      { form: "--equal", kind: "switch", about: "with --against: any difference is an error" },
      {
        form: "--smoke[=CMD]",
        kind: "valued-switch",
        about: "start each platform in the sandbox, emulated where that is needed: its own command, or the words of CMD",
      },
      { form: "--smoke-timeout <SECONDS>", kind: "text", about: "with --smoke: time for each platform (default: 10)" },
      { form: "--emulator <SPEC>", kind: "list", about: "with --smoke: QEMU for foreign platforms, as for build" },
      { form: "--archives", kind: "switch", about: "look for programs also in jars, wheels and other archives among the files" },
      { form: "--ignore <RULE>", kind: "list", about: "leave a rule of docs/checks.md out" },
      {
        form: "--fail-on <SEVERITY>",
        kind: "choice",
        choices: ["error", "warning", "info"],
        default: "error",
        about: "lowest severity that ends with status 1; what is only possible never does",
      },
      {
        form: "--format <FORMAT>",
        kind: "choice",
        choices: ["text", "json", "sarif", "markdown", "junit", "github"],
        about: "what is printed: github is annotations for a workflow's log, junit for systems that show tests (default: text)",
      },
      { ...json, about: "short for --format=json" },
      { form: "--summary", kind: "switch", about: "in a job of GitHub Actions: add the report to the job's summary, too ($GITHUB_STEP_SUMMARY)" },
      { form: "--no-cache", kind: "switch", about: "read layers also where it is remembered what is in them" },
      store,
      insecure,
      mirror,
    ],
    examples: [
      ["multihull verify ghcr.io/org/app:v1", "every platform's form, programs, libraries and differences; status 1 when something is wrong"],
      ["multihull verify --platform linux/amd64,linux/arm64 --format github --summary oci-archive:app.tar", "in a workflow, before the push"],
      ["multihull verify --against ghcr.io/org/app:v1 ghcr.io/org/app:v2", "what changed since the last release"],
      ["multihull verify --smoke='app --version' oci:out", "and start it, for every platform that can run here"],
    ],
    load: () => import("./run/verify.ts"),
  },
  {
    path: ["registry", "serve"],
    summary: "Serve the embedded registry",
    flags: [
      { form: "--listen <ADDRESS>", kind: "text", default: "127.0.0.1:5000", about: "address and port; port 0 takes a free one" },
      { form: "--root <DIR>", kind: "text", about: "folder of the registry's store (default: the builder's own, so that pushing to it moves nothing)" },
      { form: "--htpasswd <FILE>", kind: "text", about: "ask for a user name and password; file of bcrypt or {SHA} entries" },
      { form: "--tls-cert <FILE>", kind: "text", about: "serve TLS with this certificate (PEM)" },
      { form: "--tls-key <FILE>", kind: "text", about: "key of the certificate (PEM)" },
      { form: "-q, --quiet", kind: "switch", about: "no line for each request" },
      store,
    ],
    examples: [["multihull registry serve", "a registry on 127.0.0.1:5000, until interrupted"]],
    load: () => import("./run/registry-serve.ts"),
  },
  {
    path: ["prune"],
    summary: "Remove what the store no longer needs",
    flags: [
      { form: "-a, --all", kind: "switch", about: "also tags of the embedded registry, with what they name, and emulators" },
      { form: "--older-than <AGE>", kind: "text", about: "only what was last used longer ago than this: 90m, 24h, 7d" },
      { form: "--keep-storage <SIZE>", kind: "text", about: "stop when the store is this small: 500MB, 10GB" },
      { form: "-n, --dry-run", kind: "switch", about: "say what would go, remove nothing" },
      { form: "-v, --verbose", kind: "switch", about: "list each thing, with its size and when it was used last" },
      json,
      store,
    ],
    examples: [["multihull prune --older-than 7d", "blobs and cache of builds not repeated for a week"]],
    load: () => import("./run/prune.ts"),
  },
];
