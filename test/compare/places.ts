import { execFileSync } from "node:child_process";

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

const BASES: Readonly<Record<string, string>> = { busybox: "base/busybox:1", debian: "base/debian:12", rich: "base/rich:1" };

/** Names of base images on the local registry, as `{busybox}` and the like are replaced by. */
export function baseReferences(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(BASES).map(([word, name]) => [word, `${REGISTRY}/${name}`]));
}

/** Digests of the bases as they are on the registry now: part of every cache key. */
export function baseDigests(): string {
  return Object.values(baseReferences())
    .map((reference) => execFileSync("crane", ["digest", "--insecure", reference], { env: peerEnvironment(), encoding: "utf8" }).trim())
    .join(" ");
}
