import type { Clock } from "../../core/clock.ts";
import { formatPlatform } from "../../core/platform.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { EventSink } from "../event.ts";
import type { Buildx } from "./buildx.ts";
import { buildkitFailure } from "./failure.ts";
import { type RawProgressOptions, rawProgress } from "./raw-progress.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";
import { requireBuildx } from "./versions.ts";

export interface RunPorts {
  readonly buildx: Buildx;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly signal?: AbortSignal;
  /** Of one node among several. */
  readonly prefix?: RawProgressOptions["prefix"];
}

/**
 * Runs one `docker buildx build` to its end: its progress becomes events, its output goes to `take`.
 * @param take  reads the output to its end, or throws: the process is then ended
 * @throws {ProblemError} `buildx-unavailable` (too old) | what {@link buildkitFailure} tells | what `take` throws | what the request's stdin throws; the signal's
 *   reason when it was aborted. The process has ended when it throws.
 */
export async function runBuildx<T>(
  args: readonly string[],
  request: BuildkitRequest,
  builder: BuildkitBuilder,
  ports: RunPorts,
  take: (stdout: ByteStream) => Promise<T>,
): Promise<T> {
  ports.signal?.throwIfAborted();
  requireBuildx(builder, args);
  const [only, ...others] = request.platforms;
  const progress = rawProgress({
    events: ports.events,
    clock: ports.clock,
    ...(ports.prefix === undefined ? {} : { prefix: ports.prefix }),
    ...(only === undefined || others.length > 0 ? {} : { platform: formatPlatform(only) }),
  });
  const stop = new AbortController();
  const signal = ports.signal === undefined ? stop.signal : AbortSignal.any([ports.signal, stop.signal]);
  const stdin = request.stdin === undefined ? undefined : watched(request.stdin(), (error) => stop.abort(error));
  const running = ports.buildx.build(args, {
    env: { ...request.env, ...builder.env },
    ...(stdin === undefined ? {} : { stdin: stdin.stream }),
    onLine: (line) => progress.line(line),
    signal,
  });
  const stdout = watched(running.stdout, () => undefined);
  const taken = await take(stdout.stream).then(
    (value) => ({ value }),
    (error: unknown) => {
      // An output that stops short is a failure of the process, which tells why.
      if (!stdout.atEnd()) stop.abort(error);
      return { error };
    },
  );
  const ended = await running.ended;
  const heard = progress.end();
  ports.signal?.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  if (ended.kind !== "ended" || ended.status !== 0) throw await buildkitFailure(heard, ended, builder);
  if ("error" in taken) throw taken.error;
  return taken.value;
}

/** The same bytes; tells of a failure, and whether the end was reached. */
function watched(stream: ByteStream, onError: (error: unknown) => void): { readonly stream: ByteStream; atEnd(): boolean } {
  let atEnd = false;
  return {
    atEnd: () => atEnd,
    stream: (async function* () {
      try {
        yield* stream;
        atEnd = true;
      } catch (error) {
        onError(error);
        throw error;
      }
    })(),
  };
}
