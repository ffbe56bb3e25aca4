import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The same words as scripts/peers/env.sh. */
export const PEERS = process.env.MULTIHULL_PEERS ?? "/opt/peers";
export const PEERS_RUN = process.env.MULTIHULL_PEERS_RUN ?? "/run/peers";
export const REGISTRY = process.env.MULTIHULL_PEERS_REGISTRY ?? "127.0.0.1:5050";
/** Our command line; MULTIHULL_BIN names another build of it. */
export const OURS = process.env.MULTIHULL_BIN ?? new URL("../../bin/multihull", import.meta.url).pathname;
export const CHECKOUT = new URL("../../", import.meta.url).pathname;

/** The environment in which peers are run: theirs first on PATH, with their own Docker configuration. */
export function peerEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const path = [`${PEERS}/bin`, `${PEERS}/docker/usr/bin`, `${PEERS}/docker/usr/sbin`, process.env.PATH, "/usr/sbin", "/sbin"].join(":");
  const { SOURCE_DATE_EPOCH: _dropped, ...inherited } = process.env;
  return { ...inherited, PATH: path, DOCKER_CONFIG: `${PEERS}/docker/cfg`, LC_ALL: "C", ...extra };
}

const BASES = {
  busybox: "base/busybox:1",
  debian: "base/debian:12",
  rich: "base/rich:1",
  run: "base/run:1",
  system: "base/system:1",
  programs: "base/programs:1",
  go: "base/go:1",
} as const;

export type BaseWord = keyof typeof BASES;
export const BASE_WORDS = Object.keys(BASES) as readonly BaseWord[];

/** A base image's name on the local registry, as `{busybox}` and the like are replaced by. */
export const baseReference = (word: BaseWord): string => `${REGISTRY}/${BASES[word]}`;

const digests = new Map<BaseWord, string>();

/** Digest of a base as it is on the registry now: part of the key of every outcome that is built upon it. */
export function baseDigest(word: BaseWord): string {
  let digest = digests.get(word);
  if (digest === undefined) {
    digest = execFileSync("crane", ["digest", "--insecure", baseReference(word)], { env: peerEnvironment(), encoding: "utf8" }).trim();
    digests.set(word, digest);
  }
  return digest;
}

/** Folder of the machine's npm, which is plain JavaScript and runs under any Node. */
export function npmFolder(): string {
  return join(execFileSync("npm", ["root", "--global"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim(), "npm");
}
