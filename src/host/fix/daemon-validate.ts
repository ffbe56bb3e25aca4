import { ProblemError } from "../../core/problem.ts";
import type { HostPrograms } from "../ports.ts";

export interface ValidatePorts {
  readonly programs: HostPrograms;
  /** Lets `act` have a text as a file for a moment. */
  withScratchFile<T>(text: string, act: (path: string) => Promise<T>): Promise<T>;
}

const VALIDATE_MS = 4000;
const REFUSED = "unable to configure the Docker daemon";

/**
 * Lets `dockerd --validate` read a configuration, where there is a dockerd. Not to be asked about one with `userns-remap`: it would make the user that it names.
 * @param which  `as it is`, `as it would be`
 * @throws {ProblemError} `daemon-config-invalid` when Docker would not start with it
 */
export async function validateDaemonJson(ports: ValidatePorts, path: string, text: string, which: string, signal: AbortSignal | undefined): Promise<void> {
  const [answer, copy] = await ports.withScratchFile(text, async (file) => {
    const run = { timeoutMs: VALIDATE_MS, ...(signal === undefined ? {} : { signal }) };
    return [await ports.programs.run("dockerd", ["--validate", "--config-file", file], run), file] as const;
  });
  // Whatever else it complains of (another version, no root) is no word about the file.
  if (answer.kind !== "ended" || answer.status === 0) return;
  const line = answer.stderr.split("\n").find((said) => said.includes(REFUSED));
  if (line === undefined) return;
  const why = line.slice(line.indexOf(REFUSED)).split(`${copy}: `).at(-1) ?? line;
  throw new ProblemError("daemon-config-invalid", {
    message: `Docker would not start with "${path}" ${which}: ${why.slice(0, 500)}`,
    hint: "mend it, then run this again; nothing was changed",
    facts: { path },
  });
}
