import { type Asking, askDocker, type Ended, isUnknown, sourceOf } from "./ask-docker.ts";
import type { BuildxFact, CliFact, Known, Unknown } from "./facts.ts";
import { known, unknown } from "./known.ts";
import { secretFree } from "./secret-free.ts";

/** Why there is no Docker where its program is Podman's. */
export const PODMAN = 'the program "docker" is Podman\'s, which has no Buildx';
const NUMBERS = /\d+(?:\.\d+)+/;
const CLI = ["--version"] as const;
const BUILDX = ["buildx", "version"] as const;

/** Which Docker CLI is on PATH. It is asked without a daemon, which may hang. */
export async function readCli(asking: Asking): Promise<Known<CliFact>> {
  const source = sourceOf(CLI);
  const answer = await askDocker(asking, CLI);
  if (isUnknown(answer)) return answer;
  const version = /^Docker version v?(\d+(?:\.\d+)+)/m.exec(answer.stdout)?.[1];
  if (version !== undefined) return known({ version }, source);
  if (isPodman(answer)) return podman(source);
  return unknown(
    "broken",
    `\`${source}\` said no version: "${secretFree(answer.stdout || answer.stderr)}"`,
    "see which program `command -v docker` names",
    source,
  );
}

/** Which Buildx the Docker CLI has. */
export async function readBuildx(asking: Asking): Promise<Known<BuildxFact>> {
  const source = sourceOf(BUILDX);
  const answer = await askDocker(asking, BUILDX);
  if (isUnknown(answer)) return answer;
  const version = /^github\.com\/docker\/buildx\s+v?(\S+)/m.exec(answer.stdout)?.[1];
  const numbers = NUMBERS.exec(version ?? "")?.[0];
  if (answer.status === 0 && numbers !== undefined) return known({ version: numbers }, source);
  if (isPodman(answer)) return podman(source);
  // Docker 28.5.2 says the first, releases up to 27.x the second (docker/cli cmd/docker/docker.go, read 2026-11-22).
  if (/unknown command: docker buildx|'buildx' is not a docker command|unknown (?:shorthand )?flag/.test(answer.stderr))
    return unknown(
      "absent",
      "the Docker CLI has no Buildx",
      "install the package docker-buildx-plugin (Debian: docker-buildx), or build with the embedded engine (--engine embedded)",
      source,
    );
  return unknown(
    "broken",
    `\`${source}\` said no version: "${secretFree(answer.stderr || answer.stdout)}"`,
    "install the newest Buildx (https://github.com/docker/buildx/releases)",
    source,
  );
}

/** Podman 4.3.1 says `podman version 4.3.1`, and ``Error: unrecognized command `podman buildx version` ``; its package may bring a program "docker". */
const isPodman = ({ stdout, stderr }: Ended): boolean => /podman/i.test(stdout + stderr);

const podman = (source: string): Unknown =>
  unknown("broken", PODMAN, "install Docker's own command line, or build with the embedded engine (--engine embedded)", source);
