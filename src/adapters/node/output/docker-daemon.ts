import { Readable } from "node:stream";
import { ProblemError } from "../../../core/problem.ts";
import type { DockerDaemon } from "../../../engine/output/ports.ts";

export interface DockerDaemonOptions {
  /** Default `docker`, found on PATH. */
  readonly program?: string;
  /** Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How long a daemon may take to say what it is. */
const ANSWER_MS = 5000;
/** Most of what `docker` says that goes into a message. */
const SAID_LIMIT = 400;

/** The daemon that the `docker` program talks to: contexts, TLS and ssh are its business. */
export function dockerDaemon(options: DockerDaemonOptions = {}): DockerDaemon {
  const program = options.program ?? "docker";
  const env = options.env === undefined ? {} : { env: { ...options.env }, extendEnv: false };
  const inContext = (context: string | undefined): readonly string[] => (context === undefined ? [] : ["--context", context]);
  return {
    async takesIndexes(context, signal) {
      const { execa } = await import("execa");
      const result = await execa(program, [...inContext(context), "info", "--format", "{{json .DriverStatus}}"], {
        ...env,
        stdin: "ignore",
        reject: false,
        timeout: ANSWER_MS,
        killSignal: "SIGKILL",
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      signal?.throwIfAborted();
      if (result.timedOut)
        throw new ProblemError("docker-unavailable", {
          message: `the Docker daemon does not answer: \`${program} info\` gave no answer within ${ANSWER_MS / 1000} s`,
          hint: "see whether the daemon hangs (`systemctl status docker`) and restart it, or write an archive with --output type=docker,dest=FILE",
        });
      if (result.failed) throw unavailable(program, result);
      // As buildx decides it: util/dockerutil/client.go (features) at 461836b (2026-08-20).
      return statusOf(result.stdout).some(([key, value]) => key === "driver-type" && value === "io.containerd.snapshotter.v1");
    },
    async load(archive, context, signal) {
      const { execa } = await import("execa");
      let failure: { readonly error: unknown } | undefined;
      const input = (async function* () {
        try {
          yield* archive;
        } catch (error) {
          failure = { error };
          throw error;
        }
      })();
      const result = await execa(program, [...inContext(context), "load"], {
        ...env,
        input: Readable.from(input, { objectMode: false }),
        reject: false,
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      signal?.throwIfAborted();
      if (failure !== undefined) throw failure.error;
      if (!result.failed) return;
      const said = result.stderr;
      if (result.exitCode === undefined || /cannot connect|is the docker daemon running|permission denied while trying to connect/i.test(said))
        throw unavailable(program, result);
      throw new ProblemError("output-conflict", {
        message: `Docker did not take the image: ${brief(said)}`,
        hint: "look at the daemon's log, or write an archive with --output type=docker,dest=FILE",
        facts: { exitCode: result.exitCode },
      });
    },
  };
}

function statusOf(json: string): readonly (readonly unknown[])[] {
  try {
    const status: unknown = JSON.parse(json);
    return Array.isArray(status) ? status.filter((pair) => Array.isArray(pair)) : [];
  } catch {
    return [];
  }
}

function unavailable(
  program: string,
  result: { readonly stderr?: string | undefined; readonly exitCode?: number | undefined; readonly signal?: string | undefined },
): ProblemError {
  // Without an exit code or signal it was never started.
  const missing = result.exitCode === undefined && result.signal === undefined;
  return new ProblemError("docker-unavailable", {
    message: missing ? `the program "${program}" is needed to load an image and was not found` : `Docker cannot be reached: ${brief(result.stderr ?? "")}`,
    hint: missing
      ? "install Docker, or write an archive with --output type=docker,dest=FILE"
      : "start Docker, or write an archive with --output type=docker,dest=FILE",
    cause: result,
  });
}

const brief = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, SAID_LIMIT);
