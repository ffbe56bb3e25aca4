import type { HostPrograms } from "../../../host/ports.ts";
import type { Look } from "./node-watch.ts";

/** Over ssh a log-in comes before the answer. */
const ANSWER_MS = 6000;

/** Whether a Docker answers, as its command line says. @param host  for `--host`: `ssh://user@host` */
export function lookAtDocker(host: string, programs: HostPrograms, answerMs: number = ANSWER_MS): Look {
  return async (signal) => {
    const answer = await programs
      .run("docker", ["--host", host, "version", "--format", "{{.Server.Version}}"], { timeoutMs: answerMs, signal })
      .catch(() => undefined);
    if (answer === undefined) return undefined;
    if (answer.kind === "silent") return `${host} does not answer in ${answerMs / 1000} s`;
    if (answer.kind !== "ended") return undefined;
    return answer.status === 0 ? undefined : `${host} does not answer: ${lastLine(answer.stderr)}`;
  };
}

const lastLine = (text: string): string => (text.trim().split("\n").at(-1) ?? "").slice(0, 400);
