import { isLoopback } from "../../core/loopback.ts";
import { byCodeUnit } from "../../core/order.ts";
import { ProblemError } from "../../core/problem.ts";
import type { HostFacts } from "../facts.ts";

/** How a builder's BuildKit is to speak with registries, as Docker itself does here. */
export interface BuilderRegistries {
  /** By host, in order of their names. */
  readonly registries: ReadonlyMap<string, RegistrySetting>;
  /** Registries and mirrors on this machine's loopback, which a builder with a network of its own cannot reach. */
  readonly onLoopback: readonly string[];
  /** What of Docker's settings cannot be said to BuildKit. */
  readonly notes: readonly string[];
}

export interface RegistrySetting {
  /** It may be spoken to without TLS. */
  readonly http?: true;
  /** Its certificate need not be vouched for. */
  readonly insecure?: true;
  /** Asked first, by `HOST[:PORT][/PATH]`. */
  readonly mirrors?: readonly string[];
}

/** Longest name of a host (RFC 1035) with a port. */
const LONGEST_HOST = 253 + 6;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;
const MIRROR = /^(https?):\/\/([^/?#@]+)(\/[A-Za-z0-9._~/-]*)?$/;
const HUB = "docker.io";

/**
 * Takes over what is asked, and what the daemon has: insecure registries that it names, mirrors of Docker Hub.
 * @param insecure  of --insecure-registry
 * @throws {ProblemError} `usage` for a name of `insecure` that is no registry's
 */
export function builderRegistries(facts: HostFacts, insecure: readonly string[]): BuilderRegistries {
  for (const host of insecure) {
    if (!isRegistryHost(host))
      throw new ProblemError("usage", {
        message: `--insecure-registry "${host}" is not a registry's host`,
        hint: "wanted HOST[:PORT], such as localhost:5000",
      });
  }
  const daemon = facts.daemon.known ? facts.daemon.value : undefined;
  const notes: string[] = [];
  const registries = new Map<string, RegistrySetting>();
  const named = (daemon?.insecureRegistries ?? []).filter((entry) => {
    if (isRegistryHost(entry)) return true;
    if (!isLoopbackNetwork(entry))
      notes.push(`Docker takes registries of "${entry}" without TLS; BuildKit has to be told each by name: --insecure-registry HOST:PORT`);
    return false;
  });
  for (const host of [...insecure, ...named]) registries.set(host, withoutTls(facts, host));
  const mirrors: string[] = [];
  for (const address of daemon?.mirrors ?? []) {
    const [, scheme, host = "", path = ""] = MIRROR.exec(address) ?? [];
    if (!isRegistryHost(host)) {
      notes.push(`Docker's mirror "${address.replace(/\/\/[^/]*@/, "//…@")}" is not an address that BuildKit can be told, and is left out`);
      continue;
    }
    mirrors.push(`${host}${path.replace(/\/+$/, "")}`);
    if (scheme === "http" && !registries.has(host)) registries.set(host, { http: true });
  }
  if (mirrors.length > 0) registries.set(HUB, { ...registries.get(HUB), mirrors: [...new Set(mirrors)] });
  const asked = facts.registries.filter(({ reachable }) => reachable.known).map(({ registry }) => registry);
  const hosts = new Set([...registries.keys(), ...mirrors.map((mirror) => mirror.replace(/\/.*/, "")), ...asked]);
  return {
    registries: new Map([...registries].sort(([a], [b]) => byCodeUnit(a, b))),
    onLoopback: [...hosts].filter(isLoopback).sort(byCodeUnit),
    notes,
  };
}

/** Docker tries TLS first where it need not be; what answered tells which of the two it is. */
function withoutTls(facts: HostFacts, host: string): RegistrySetting {
  const reachable = facts.registries.find(({ registry }) => registry === host)?.reachable;
  if (reachable?.known !== true) return { http: true, insecure: true };
  return reachable.value.scheme === "http" ? { http: true } : { insecure: true };
}

/** `HOST[:PORT]` and nothing else. */
export function isRegistryHost(text: string): boolean {
  const found = HOST.exec(text);
  return found !== null && text.length <= LONGEST_HOST && Number(found[1] ?? 1) >= 1 && Number(found[1] ?? 1) <= 65_535;
}

const isLoopbackNetwork = (entry: string): boolean => /^(?:127(?:\.\d{1,3}){3}|::1)\/\d+$/.test(entry);

/**
 * The part of a buildkitd.toml that says it; empty when there is nothing to say.
 * @see https://docs.docker.com/build/buildkit/toml-configuration/
 */
export function registryTables({ registries }: BuilderRegistries): string {
  return [...registries]
    .map(([host, { http, insecure, mirrors }]) =>
      [
        `[registry.${tomlString(host)}]`,
        ...(mirrors === undefined ? [] : [`  mirrors = [${mirrors.map(tomlString).join(", ")}]`]),
        ...(http === true ? ["  http = true"] : []),
        ...(insecure === true ? ["  insecure = true"] : []),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** A basic string of TOML; halves of surrogates, which no file can hold, become U+FFFD. @see https://toml.io/en/v1.0.0#string */
export function tomlString(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/[\u0000-\u001f\u007f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/\p{Surrogate}/gu, "\ufffd");
  return `"${escaped}"`;
}
