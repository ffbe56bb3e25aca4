/** What became of one platform's start. */
export interface SmokeResult {
  /** {@link PlatformImage.name}. */
  readonly platform: string;
  /** What was, or would have been, started; empty where the image tells nothing that could be. */
  readonly command: readonly string[];
  /** `passed`: exit 0, or the image's own command still ran when its time was over. `not-run`: it could not be tried here. */
  readonly state: "passed" | "failed" | "not-run";
  /** Undefined when it was not run. */
  readonly how: "native" | "emulated" | undefined;
  /** 128 + signal where a signal ended it; undefined when it was not run, could not be started, or was ended because its time was over. */
  readonly exitCode: number | undefined;
  /** `SIGSEGV`; undefined when it exited by itself. */
  readonly signal: string | undefined;
  /** It ran until its time was over, and was ended. */
  readonly outlasted: boolean;
  /** One sentence: how it ended, or why it was not run. */
  readonly why: string;
  /** What helps against a failure to start, or so that it can be run here; undefined: nothing is known. */
  readonly act?: string | undefined;
  /** The end of what it printed, both streams as they came, at most 16 KiB; control characters as they were. */
  readonly output: string;
  readonly ms: number;
}
