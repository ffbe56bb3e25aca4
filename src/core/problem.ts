/**
 * Every way a run can fail that a user may want to tell apart: code → what it means.
 * `docs/errors.md` is generated from this table. Add a row before you throw a new code.
 */
export const PROBLEMS = {
  usage: "the command line asks for something that does not exist or does not fit together",
  "digest-malformed": "a text that should be a content address is not one",
  "digest-mismatch": "content does not have the digest it was asked for by",
  "size-mismatch": "content is shorter or longer than its descriptor says",
  "diff-id-mismatch": "an unpacked layer does not have the diff_id that the image's config names",
  "reference-malformed": "a text that should name an image does not",
  "platform-malformed": "a text that should name a platform does not",
  "platform-unknown": "a platform names an operating system or architecture that nobody knows",
  "image-unsound": "an image was built, and is wrong inside; it was neither published nor written",
  "platform-missing": "an image does not have the platform that was asked for",
  "platform-conflict": "what an image says of its platform does not fit together",
  "manifest-invalid": "a manifest, index or config is malformed, too large, or not of a known type",
  "layer-invalid": "a layer is not a sound archive, or holds what an archive must not hold",
  "layer-unsupported": "a layer uses a compression or feature that cannot be read here",
  "layout-invalid": "a folder or archive is not a sound OCI layout or Docker archive",
  "limit-exceeded": "untrusted input is larger, deeper or more numerous than we accept",
  "dockerfile-syntax": "the Dockerfile cannot be read as one",
  "dockerfile-semantics": "the Dockerfile can be read but asks for what cannot be",
  "yaml-syntax": "a YAML file cannot be read as one",
  "bake-syntax": "a bake or compose file is not one that Buildx would take",
  "script-syntax": "a script or Makefile cannot be read as one",
  "stage-unknown": "a build stage is named that does not exist",
  "run-unsupported": "the plan has RUN steps and the engine cannot run programs",
  "run-failed": "a program of a RUN step could not be started, or failed",
  "sandbox-unavailable": "RUN needs a sandbox, and this machine gives none",
  "emulator-missing": "a RUN step is for a platform that this machine can neither run nor emulate",
  "secret-missing": "a RUN step needs a secret or an SSH agent that was not given or cannot be read",
  "entitlement-missing": "the Dockerfile asks for a right that was not granted with --allow",
  "cache-invalid": "an external cache is not one, or is damaged",
  "feature-unsupported": "an option or attribute asks for what this engine or this Node cannot do",
  "context-unreadable": "the build context cannot be read",
  "context-changed": "a file of the build context changed while it was read",
  "source-missing": "COPY or ADD names a source that does not exist",
  "path-escapes": "a path leads out of the place it must stay in",
  "copy-conflict": "COPY or ADD cannot put its source where it is told to",
  "user-unknown": "a user or group is named where there are no files to look it up in, or its passwd or group file is not sound",
  "checksum-mismatch": "ADD got content that does not have the checksum it names",
  "output-malformed": "an --output value cannot be understood",
  "output-conflict": "an output cannot hold what would be written to it",
  "docker-unavailable": "a Docker daemon is needed and cannot be reached",
  "buildx-unavailable": "the docker program or its Buildx plugin is needed and is missing, cannot be started, or is too old",
  "builder-unusable": "a Buildx builder is not there, does not answer, or cannot do what is asked",
  "buildkit-failed": "BuildKit gave up a build for a reason that has no code of its own",
  "node-failed": "a node of a build on several nodes could not be reached, was lost, or failed",
  "engine-unsuitable": "no engine here can build what is asked",
  "daemon-config-invalid": "the Docker daemon's configuration file is not one that can be changed safely",
  "host-change-failed": "a change of this machine did not work; what had been done of it was taken back",
  "host-changed": "what is to be undone is no longer as it was left",
  "git-unavailable": "git is needed and cannot be run",
  "git-failed": "git could not bring what was asked for",
  "registry-unreachable": "no answer came from the registry",
  "registry-unauthorized": "the registry wants credentials, or refuses the ones it was given",
  "registry-denied": "the registry knows who asks and refuses",
  "registry-not-found": "the registry has no such repository, manifest or blob",
  "registry-rate-limited": "the registry asks us to slow down, for longer than we wait",
  "registry-status": "the registry gave an answer that the protocol does not allow",
  "download-failed": "content could not be brought from its address",
  "credentials-unreadable": "the Docker configuration or a credential helper cannot be read",
  "store-unusable": "the store's folder cannot be read or written",
  "store-damaged": "content of the store is not what it should be",
  "disk-full": "there is no room left on the disk",
  "workflow-syntax": "a workflow or action file is not one that GitHub would take",
  "workflow-missing": "a repository has no workflow to look at",
  "config-invalid": "multihull.yaml says what it cannot say",
  "file-unreadable": "a file named on the command line cannot be read",
  "file-unwritable": "a file named on the command line cannot be written",
  interrupted: "the run was stopped by a signal",
} as const satisfies Readonly<Record<string, string>>;

/** A row of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What lies behind a message, by name. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What a problem tells beside its code. */
export interface ProblemDetails {
  /** What happened, where, got and wanted: one sentence, lower-case, no full stop, user text in double quotes, no secrets. */
  readonly message: string;
  /** What the user can do next; an act, not "check your configuration". Printed after "help:". */
  readonly hint?: string | undefined;
  /** The facts behind the message, for JSON output and tests; never parsed back out of the text. */
  readonly facts?: Facts | undefined;
  readonly cause?: unknown;
}

/** A failure that is the input's, the machine's or the network's, not ours. Anything else that is thrown is a bug of multihull. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly facts: Facts;

  constructor(code: ProblemCode, details: ProblemDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.facts = details.facts ?? {};
  }
}

/** Matches by name and code, not by `instanceof`: two copies of the package may be loaded. */
export function isProblem(error: unknown, code?: ProblemCode): error is ProblemError {
  return error instanceof Error && error.name === "ProblemError" && (code === undefined || (error as ProblemError).code === code);
}
