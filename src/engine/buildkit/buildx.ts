import type { ByteStream } from "../../image/blob-store.ts";

/** `docker buildx build` as a process. */
export interface Buildx {
  /** Starts it with these arguments (behind `build`); no shell is between. Never throws: what goes wrong is in `ended`. */
  build(args: readonly string[], run: BuildxRun): BuildxProcess;
}

export interface BuildxRun {
  /** Over the user's environment: `BUILDX_CONFIG`, `DOCKER_HOST`. */
  readonly env: Readonly<Record<string, string>>;
  /** Sent to its standard input; absent: none. */
  readonly stdin?: ByteStream;
  /** Each line of stderr as it comes, without the line feed; bounded in length. */
  readonly onLine: (line: string) => void;
  /** Ends it: first by SIGINT, as a user would, then by SIGKILL; all that it started ends too. */
  readonly signal?: AbortSignal;
}

export interface BuildxProcess {
  /** What it writes to stdout (`dest=-`). Must be read to its end, or `ended` does not come. */
  readonly stdout: ByteStream;
  /** `missing`: there is no `docker` program; `unstartable`: it cannot be started. Never rejects. */
  readonly ended: Promise<
    { readonly kind: "ended"; readonly status: number } | { readonly kind: "missing" } | { readonly kind: "unstartable"; readonly why: string }
  >;
}
