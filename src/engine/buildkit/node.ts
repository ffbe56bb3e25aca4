import { formatPlatform, type Platform, parsePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";

/** One `--node`: where some platforms are built. */
export interface NodeSpec {
  readonly platforms: readonly Platform[];
  /** As given, without credentials: for people. */
  readonly shown: string;
  readonly driver: "remote" | "docker-container" | "kubernetes";
  /** What `docker buildx create` is told; absent for kubernetes, which has options alone. */
  readonly endpoint?: string;
  /** `KEY=VALUE`, for the driver. */
  readonly options: readonly string[];
  /** Its name within a builder, by which Buildx finds what it started for it; absent: one of our own. */
  readonly name?: string;
}

const WANTED =
  "wanted PLATFORM[,PLATFORM…]=ADDRESS, such as linux/arm64=tcp://10.0.0.2:1234, =ssh://user@host, =kubernetes://namespace or =unix:///run/buildkit/buildkitd.sock";

/**
 * `--node PLATFORM[,PLATFORM…]=ADDRESS`, each platform at one node only. `tcp://` and `unix://` are a BuildKit that listens there (options of the remote driver behind `?`:
 * cacert, cert, key, servername), `ssh://` is a Docker on another machine, `kubernetes://NAMESPACE` a BuildKit that Buildx keeps in a cluster (options of the driver behind `?`),
 * `docker-container://` and `kube-pod://` a buildkitd that runs in such a one.
 * @throws {ProblemError} `usage` | `platform-malformed` | `platform-unknown`
 * @see docker/buildx driver/remote/util/endpoint.go, builder/builder.go (Create) at 461836b (2026-08-20)
 */
export function parseNodes(texts: readonly string[]): readonly NodeSpec[] {
  const nodes = texts.map(parseNode);
  const seen = new Map<string, string>();
  for (const { platforms, shown } of nodes) {
    for (const name of platforms.map(formatPlatform)) {
      const other = seen.get(name);
      if (other !== undefined)
        throw new ProblemError("usage", { message: `${name} is given to two nodes, "${other}" and "${shown}"`, hint: "give each platform to one --node" });
      seen.set(name, shown);
    }
  }
  return nodes;
}

function parseNode(text: string): NodeSpec {
  const equals = text.indexOf("=");
  const address = text.slice(equals + 1);
  if (equals < 1 || address === "") throw new ProblemError("usage", { message: `--node "${redact(text)}" names no platform or no address`, hint: WANTED });
  const platforms = text
    .slice(0, equals)
    .split(",")
    .map((one) => parsePlatform(one.trim()));
  return { platforms, ...placeOf(address) };
}

function placeOf(address: string): Omit<NodeSpec, "platforms"> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const shown = redact(address);
  const refused = (why: string): ProblemError => new ProblemError("usage", { message: `--node "${shown}" ${why}`, hint: WANTED });
  if (url === undefined) throw refused("is no address");
  const options = [...url.searchParams].map(([key, value]) => `${key}=${value}`);
  const plain = address.replace(/[?#].*$/s, "");
  if (options.some((option) => /[\r\n\0]/.test(option))) throw refused("has an option of several lines");
  switch (url.protocol) {
    case "tcp:":
      if (url.hostname === "" || url.port === "") throw refused("has no host or no port");
      if (url.password !== "" || url.username !== "") throw refused("holds a user name or password, which BuildKit does not take");
      return { shown, driver: "remote", endpoint: plain, options };
    case "unix:":
      if (url.pathname === "") throw refused("has no path");
      return { shown, driver: "remote", endpoint: plain, options };
    case "docker-container:":
    case "kube-pod:":
      if (url.hostname === "") throw refused("has no name");
      return { shown, driver: "remote", endpoint: address, options: [] };
    case "ssh:":
      if (url.hostname === "") throw refused("has no host");
      if (url.password !== "") throw refused("holds a password");
      return { shown, driver: "docker-container", endpoint: plain, options };
    case "kubernetes:":
      return { shown, driver: "kubernetes", options: [...(url.hostname === "" ? [] : [`namespace=${url.hostname}`]), ...options] };
    default:
      throw refused(`has the unknown scheme "${url.protocol.slice(0, -1)}"`);
  }
}

/** A password is no part of any message. */
const redact = (address: string): string => address.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1:…@");
