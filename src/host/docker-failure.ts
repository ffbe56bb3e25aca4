import type { Unknown } from "./facts.ts";
import { unknown } from "./known.ts";
import { secretFree } from "./secret-free.ts";

interface Pattern {
  readonly text: RegExp;
  readonly state: Unknown["state"];
  /** `$1` and so on are what the text's groups hold; `$0` is Docker's own sentence. */
  readonly why: string;
  readonly help: string;
}

const EMBEDDED = "or build with the embedded engine (--engine embedded), which needs no daemon";
const START = `start it (\`sudo systemctl start docker\` for Docker Engine, or the Docker Desktop application), ${EMBEDDED}`;
const JOIN = "join the group docker (`sudo usermod -aG docker $USER`, then log in again), run the command with sudo, or use rootless Docker";
const OTHER_CONTEXT = "choose another with `docker context use default`, or unset DOCKER_CONTEXT";

/**
 * What the Docker CLI and Buildx say when they do not reach a daemon. The first that fits counts.
 * Source: Docker 28.5.2 and Buildx 0.29.1 in such worlds, 2026-11-22; older and newer wordings from docker/cli and moby/moby (client/errors.go), read 2026-11-22.
 */
const PATTERNS: readonly Pattern[] = [
  { text: /context "?([^"\s:]+)"?: context not found/, state: "absent", why: 'there is no Docker context "$1"', help: OTHER_CONTEXT },
  { text: /Current context "([^"]+)" is not found/, state: "absent", why: 'there is no Docker context "$1"', help: OTHER_CONTEXT },
  { text: /Host key verification failed/, state: "refused", why: "ssh does not know the host's key", help: "log in once with ssh, and accept the host's key" },
  {
    text: /Permission denied \((?:publickey|password|keyboard)/,
    state: "refused",
    why: "the host of the Docker context refuses the log-in by ssh",
    help: "make `ssh` to that host work without a password",
  },
  {
    text: /permission denied while trying to connect to .*?\bat (\S+?):?(?:\s|$)/i,
    state: "refused",
    why: "you may not use the Docker daemon at $1",
    help: JOIN,
  },
  { text: /permission denied.*docker.*sock/i, state: "refused", why: "you may not use the Docker daemon", help: JOIN },
  {
    text: /lookup (\S+?)(?: on \S+)?: (?:no such host|Temporary failure|server misbehaving|Try again)/i,
    state: "absent",
    why: 'the host "$1" of the Docker context or DOCKER_HOST has no address',
    help: "name the host that was meant in DOCKER_HOST or the context, or choose another context with `docker context use`",
  },
  {
    text: /Could not resolve hostname (\S+?):/,
    state: "absent",
    why: 'the host "$1" of the Docker context or DOCKER_HOST has no address',
    help: OTHER_CONTEXT,
  },
  {
    text: /i\/o timeout|deadline exceeded|Connection timed out|TLS handshake timeout/i,
    state: "silent",
    why: "the Docker daemon does not answer: $0",
    help: `see whether it runs and the network reaches it, ${EMBEDDED}`,
  },
  {
    text: /connect to the Docker daemon at (\S+?)\. Is the docker daemon running/,
    state: "absent",
    why: "no Docker daemon answers at $1",
    help: START,
  },
  { text: /failed to connect to the docker API at (\S+?)[;:]?(?:\s|$)/, state: "absent", why: "no Docker daemon answers at $1", help: START },
  { text: /connection refused|Is the docker daemon running|error during connect/i, state: "absent", why: "no Docker daemon answers: $0", help: START },
  {
    text: /client version (\S+) is too (new|old)/,
    state: "broken",
    why: "the docker command line and the daemon do not understand each other: $0",
    help: "bring both to neighbouring versions, or set DOCKER_API_VERSION",
  },
];

/** Why a question to a daemon failed, from what the program said. @param said  stderr, or the `Error:` of Buildx */
export function daemonFailure(said: string, source: string): Unknown {
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^WARNING:/i.test(line));
  const sentence = secretFree(lines.find((line) => !/^\s*(?:Run '|See ')/.test(line)) ?? "");
  const whole = lines.join("\n");
  for (const { text, state, why, help } of PATTERNS) {
    const found = text.exec(whole);
    if (found === null) continue;
    const filled = why.replace(/\$(\d)/g, (_, n) => (n === "0" ? sentence : secretFree(found[Number(n)] ?? "")));
    return unknown(state, filled, help, source);
  }
  return unknown(
    "broken",
    sentence === "" ? "it failed without a word" : `it failed: ${sentence}`,
    `run \`${source}\` yourself and see to what it says`,
    source,
  );
}
