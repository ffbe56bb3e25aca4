import { nearest } from "../core/nearest.ts";
import { byCodeUnit } from "../core/order.ts";
import { ProblemError } from "../core/problem.ts";
import { csvFields } from "../dockerfile/mount.ts";
import { bytesOf } from "../engine/embedded/run-mounts.ts";
import type { RunSettings } from "../engine/run-settings.ts";

/** Where a secret comes from; neither: the variable of its name, else the file of its name. */
export interface SecretSpec {
  readonly id: string;
  readonly file?: string;
  readonly env?: string;
}

/**
 * `--secret id=NAME[,src=FILE|,env=VARIABLE][,type=file|env]`. The last of a name counts.
 * @see docker/buildx util/buildflags/secrets.go, read 2026-11-22
 */
export function parseSecrets(texts: readonly string[]): readonly SecretSpec[] {
  const secrets = new Map<string, SecretSpec>();
  for (const text of texts.filter((given) => given !== "")) {
    const given: Record<string, string> = {};
    for (const field of fieldsOf("--secret", text)) {
      const equals = field.indexOf("=");
      if (equals === -1) throw usage(`--secret "${text}": "${field}" has no value`, "wanted id=NAME,src=FILE or id=NAME,env=VARIABLE");
      const key = field.slice(0, equals).toLowerCase();
      if (!["id", "src", "source", "env", "type"].includes(key)) throw usage(`--secret "${text}" has the unknown "${key}"`, "known are id, src, env and type");
      given[key === "source" ? "src" : key] = field.slice(equals + 1);
    }
    const { id = "", type } = given;
    let { src: file = "", env = "" } = given;
    if (type !== undefined && type !== "file" && type !== "env") throw usage(`--secret "${text}" has the unknown type "${type}"`, "wanted file or env");
    if (id === "") throw usage(`--secret "${text}" has no id`, "wanted id=NAME,src=FILE or id=NAME,env=VARIABLE");
    if (type === "env" && env === "") [env, file] = [file, ""];
    secrets.set(id, { id, ...(file === "" ? {} : { file }), ...(env === "" ? {} : { env }) });
  }
  return [...secrets.values()];
}

/** `--ssh default|ID[=SOCKET|KEY[,KEY]]`; without a path: the agent of SSH_AUTH_SOCK. @see docker/buildx util/buildflags/ssh.go, read 2026-11-22 */
export function parseAgents(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const agents = new Map<string, readonly string[]>();
  for (const text of texts.filter((given) => given !== "")) {
    const equals = text.indexOf("=");
    const id = (equals === -1 ? text : text.slice(0, equals)) || "default";
    if (agents.has(id)) throw usage(`--ssh gives the agent "${id}" twice`, "give each an id of its own: --ssh ID=SOCKET");
    const paths = equals === -1 ? [] : text.slice(equals + 1).split(",");
    agents.set(id, paths.length === 1 && paths[0] === "" ? [] : paths);
  }
  return agents;
}

/** What a machine calls itself, in the addresses of --add-host. */
const HOST_GATEWAY = "host-gateway";

/**
 * `--add-host NAME:IP` or `NAME=IP`; several separated by commas. `host-gateway` is this machine: the network of a RUN step is the machine's.
 * @see docker/buildx build/utils.go (toBuildkitExtraHosts), moby/buildkit frontend/dockerui/attr.go (parseExtraHosts), read 2026-11-22
 */
export function parseHosts(texts: readonly string[]): RunSettings["hosts"] {
  return texts
    .flatMap((text) => fieldsOf("--add-host", text))
    .flatMap((text) => {
      const cut = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
      const name = text.slice(0, cut).toLowerCase();
      if (cut === -1 || !/^[^\s#:=,]+$/.test(name)) throw usage(`--add-host "${text}" names no host`, "wanted NAME:IP or NAME=IP");
      const addresses = text.slice(cut + 1);
      if (addresses === HOST_GATEWAY) return [{ name, address: "127.0.0.1" }];
      return addresses.split(",").map((written) => {
        const address = addressOf(written.replace(/^\[(.+)\]$/, "$1"));
        if (address === undefined)
          throw usage(`--add-host "${text}": "${written}" is no IP address`, "wanted NAME:IP or NAME=IP, or NAME:host-gateway for this machine");
        return { name, address };
      });
    });
}

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** As Go prints it: an IPv6 address at its shortest, one that stands for an IPv4 address as that. */
function addressOf(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !text.includes(":")) return undefined;
  const url = URL.canParse(`http://[${text}]/`) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : undefined;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(url ?? "") ?? [];
  if (high === undefined || low === undefined) return url;
  const pair = (hex: string): string => `${Number.parseInt(hex, 16) >> 8}.${Number.parseInt(hex, 16) & 0xff}`;
  return `${pair(high)}.${pair(low)}`;
}

/** Bytes of `--shm-size`, as Docker reads sizes; nothing for 0. */
export function parseShmSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = bytesOf(text);
  if (bytes === undefined || !Number.isSafeInteger(bytes))
    throw usage(`--shm-size "${text}" is not a size`, "write a number with or without a unit, such as 64m");
  return bytes === 0 ? undefined : bytes;
}

// Source: docker/go-units ulimit.go, read 2026-11-22.
const ULIMITS = "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" ");

/** `--ulimit TYPE=SOFT[:HARD]`, by name; -1 for none. The last of a type counts. @see docker/go-units ulimit.go, docker/cli opts/ulimit.go, read 2026-11-22 */
export function parseUlimits(texts: readonly string[]): RunSettings["ulimits"] {
  const limits = new Map<string, RunSettings["ulimits"][number]>();
  for (const text of texts) {
    const [, name = "", softText = "", hardText = softText] = /^([^=]*)=([^:]*)(?::([^:]*))?$/.exec(text) ?? [];
    if (name === "") throw usage(`--ulimit "${text}" is no limit`, "wanted TYPE=SOFT or TYPE=SOFT:HARD, such as nofile=1024:2048");
    if (!ULIMITS.includes(name)) {
      const near = nearest(name, ULIMITS);
      throw usage(`--ulimit "${text}": there is no limit "${name}"`, near === undefined ? `there are ${ULIMITS.join(", ")}` : `did you mean ${near}?`);
    }
    const soft = limitOf(softText, text);
    const hard = limitOf(hardText, text);
    if (hard !== -1 && (soft === -1 || soft > hard)) throw usage(`--ulimit "${text}": the soft limit is above the hard one`, "wanted SOFT at most HARD");
    limits.set(name, { name, soft, hard });
  }
  return [...limits.values()].sort((a, b) => byCodeUnit(a.name, b.name));
}

function limitOf(text: string, flag: string): number {
  if (!/^\+?[0-9]+$|^-1$/.test(text)) throw usage(`--ulimit "${flag}": "${text}" is not a limit`, "write a whole number, or -1 for none");
  // Beyond what a number holds nothing is limited any more.
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

/** `--network`, for RUN steps that say nothing. @see docker/buildx build/opt.go, read 2026-11-22 */
export function parseNetwork(text: string | undefined): RunSettings["network"] {
  if (text === undefined || text === "" || text === "default") return "default";
  if (text === "none" || text === "host") return text;
  throw usage(`--network ${text} is not known`, "wanted default, none or host");
}

const ENTITLEMENTS = ["network.host", "security.insecure", "device"];

/** `--allow`. @see docker/buildx util/buildflags/entitlements.go, moby/buildkit util/entitlements, read 2026-11-22 */
export function parseEntitlements(texts: readonly string[]): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const text of texts.filter((given) => given !== "")) {
    const name = text.startsWith("device=") ? "device" : text;
    if (!ENTITLEMENTS.includes(name)) {
      const near = nearest(name, ENTITLEMENTS);
      throw usage(`--allow ${text} is not known`, near === undefined ? `there are ${ENTITLEMENTS.join(", ")}` : `did you mean ${near}?`);
    }
    allowed.add(name);
  }
  return allowed;
}

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/**
 * What proxies among the build arguments set for every RUN, in both cases: of two spellings the one that sorts last counts, and an empty one sets nothing.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go (proxyEnvFromBuildArgs), solver/llbsolver/ops/exec.go (proxyEnvList), read 2026-11-22
 */
export function proxyVariables(buildArgs: ReadonlyMap<string, string>): readonly string[] {
  const values = new Map<string, string>();
  for (const [key, value] of [...buildArgs].sort(([a], [b]) => byCodeUnit(a, b))) values.set(key.toUpperCase(), value);
  return PROXIES.flatMap((name) => (values.get(name) ? [`${name}=${values.get(name)}`, `${name.toLowerCase()}=${values.get(name)}`] : []));
}

function fieldsOf(flag: string, text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (cause) {
    throw new ProblemError("usage", {
      message: `${flag} "${text}": its quotes do not fit together`,
      hint: "quote a whole field, and write a quote inside it twice",
      cause,
    });
  }
}

const usage = (message: string, hint: string): ProblemError => new ProblemError("usage", { message, hint });
