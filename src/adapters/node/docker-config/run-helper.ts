/** What a helper program said. */
export interface HelperResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a credential helper: `input` on its standard input, arguments as they are.
 * Resolves with "missing" when there is no such program, "timeout" when it did not end in time.
 */
export type RunHelper = (program: string, args: readonly string[], input: string) => Promise<HelperResult | "missing" | "timeout">;

/** Helpers may ask a key ring, a cloud or a person; Docker itself waits for ever. */
const HELPER_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_CHARS = 1024 * 1024;

/** Really runs them, with the given environment and nothing else. */
export function helperRunner(env: Readonly<Record<string, string | undefined>>, limitMs = HELPER_LIMIT_MS): RunHelper {
  return async (program, args, input) => {
    const { execa } = await import("execa");
    const result = await execa(program, args, {
      input,
      env,
      extendEnv: false,
      reject: false,
      timeout: limitMs,
      forceKillAfterDelay: 1000,
      maxBuffer: OUTPUT_LIMIT_CHARS,
    });
    if (result.timedOut) return "timeout";
    if (result.code === "ENOENT" || result.code === "EACCES") return "missing";
    return { exitCode: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr };
  };
}
