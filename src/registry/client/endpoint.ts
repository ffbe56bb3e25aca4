import { isLoopback } from "../../core/loopback.ts";
import { ProblemError } from "../../core/problem.ts";
import type { RegistryOptions } from "./options.ts";

/** One place that answers for a registry: itself, or a mirror of it. */
export interface Endpoint {
  /** Whose credentials are used, and what people call it: `docker.io`, `ghcr.io`, the mirror's host. */
  readonly name: string;
  /** Addresses of its `/v2/`, the likeliest first; more than one where only trying tells whether it speaks TLS. */
  readonly bases: readonly [URL, ...URL[]];
  /** The registry that it is a mirror of. */
  readonly mirrorOf?: string;
}

/** Docker Hub answers the protocol under another name than people use. */
const HUB = "docker.io";
const HUB_NAMES: ReadonlySet<string> = new Set([HUB, "index.docker.io", "registry-1.docker.io"]);
const HUB_BASE = "https://registry-1.docker.io/v2/";

/** Where to ask for a registry's content, in order: mirrors (only for pulls), then the registry itself. Never empty. */
export function endpointsOf(registry: string, options: RegistryOptions, purpose: "pull" | "push"): readonly [Endpoint, ...Endpoint[]] {
  const name = HUB_NAMES.has(registry) ? HUB : registry;
  const itself: Endpoint =
    name === HUB
      ? { name, bases: [new URL(HUB_BASE)] }
      : endpointAt(registry, "", options, () => new ProblemError("usage", { message: `"${registry}" is not a registry's host` }));
  const mirrors = purpose === "push" ? [] : (options.mirrors?.[registry] ?? options.mirrors?.[name] ?? []);
  const all = [...mirrors.map((text): Endpoint => ({ ...mirrorAt(text, options), mirrorOf: name })), itself];
  return all as [Endpoint, ...Endpoint[]];
}

function mirrorAt(text: string, options: RegistryOptions): Endpoint {
  const refuse = (): ProblemError =>
    new ProblemError("usage", {
      message: `"${text.replace(/\/\/[^/]*@/, "//…@")}" is not a mirror's address`,
      hint: "wanted HOST[:PORT][/PATH] or an http or https address",
    });
  const [, scheme, host = "", path = ""] = /^(?:(https?):\/\/)?((?:\[[0-9a-fA-F:]+\]|[^/?#@:\s]+)(?::\d+)?)(\/[^?#@\s]*)?$/.exec(text) ?? [];
  if (host === "") throw refuse();
  const folder = path.replace(/^\/(?:v2(?=\/|$))?\/?/, "").replace(/\/*$/, "");
  const endpoint = endpointAt(host, folder === "" ? "" : `${folder}/`, options, refuse);
  return scheme === undefined ? endpoint : { ...endpoint, bases: [baseAt(scheme, host, folder === "" ? "" : `${folder}/`, refuse)] };
}

function endpointAt(host: string, folder: string, options: RegistryOptions, refuse: () => ProblemError): Endpoint {
  const at = (scheme: string): URL => baseAt(scheme, host, folder, refuse);
  if (options.plainHttp?.includes(host) === true) return { name: host, bases: [at("http")] };
  // On loopback most registries speak http, elsewhere most speak TLS: the likelier is tried first.
  if (isLoopback(host)) return { name: host, bases: [at("http"), at("https")] };
  if (options.insecure?.includes(host) === true) return { name: host, bases: [at("https"), at("http")] };
  return { name: host, bases: [at("https")] };
}

function baseAt(scheme: string, host: string, folder: string, refuse: () => ProblemError): URL {
  const text = `${scheme}://${host}/v2/${folder}`;
  if (!URL.canParse(text)) throw refuse();
  return new URL(text);
}

/**
 * The address that an answer names (Location, Link), seen from where it was asked. An http address of the very host that was
 * asked over https is taken as https: proxies that end TLS make registries say so.
 * @returns undefined when it is no http(s) address, or leads from https to http on another host that is not `mayBePlain`
 */
export function resolveAddress(text: string, from: URL, mayBePlain: (host: string) => boolean): URL | undefined {
  if (!URL.canParse(text, from.href)) return undefined;
  const url = new URL(text, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  if (from.protocol === "https:" && url.protocol === "http:") {
    if (url.hostname === from.hostname && (url.port === "" || url.port === from.port)) {
      url.protocol = "https:";
      url.port = from.port;
    } else if (!mayBePlain(url.host)) return undefined;
  }
  return url;
}
