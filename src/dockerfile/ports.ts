import { ProblemError } from "../core/problem.ts";

/** All ports of all three protocols: each word may be a range of 65 536. */
const MOST_PORTS = 3 * 65_536;

/**
 * The keys of the config's `ExposedPorts` (`80/tcp`) that EXPOSE's expanded words stand for, in order, repetitions kept.
 * A word is `[[IP:]HOST:]PORT[-PORT][/tcp|udp|sctp]`; address and host port are checked and dropped.
 * @throws {ProblemError} `dockerfile-semantics` | `limit-exceeded`, without a place
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert_expose.go, the same at v0.25, read 2026-11-22
 */
export function exposedPorts(words: readonly string[]): string[] {
  const ports: string[] = [];
  for (const word of words) {
    for (const port of portsOf(word)) ports.push(port);
    if (ports.length > MOST_PORTS)
      throw new ProblemError("limit-exceeded", { message: `EXPOSE names more than ${MOST_PORTS} ports`, hint: "name each port once" });
  }
  return ports;
}

function portsOf(word: string): string[] {
  const parts = word.split(":");
  const published = parts.pop() as string;
  const host = parts.pop() ?? "";
  const address = parts.join(":");
  const [ports = "", ...rest] = published.split("/");
  const protocol = rest.join("/").toLowerCase() || "tcp";
  if (ports === "") throw wrong(word, "it has no port");
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw wrong(word, `"${rest.join("/")}" is not a protocol`, "tcp, udp and sctp are");
  if (address !== "" && !isAddress(address)) throw wrong(word, `"${address}" is not an IP address`);
  const range = portRange(ports);
  if (range === undefined) throw wrong(word, `"${ports}" is neither a port nor a range of ports`);
  const [from, to] = range;
  if (host !== "") {
    const hostRange = portRange(host);
    if (hostRange === undefined) throw wrong(word, `"${host}" is neither a port nor a range of ports`);
    if (to > from && hostRange[1] - hostRange[0] !== to - from) throw wrong(word, "its two ranges are not of one length");
  }
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/${protocol}`);
}

function portRange(text: string): readonly [from: number, to: number] | undefined {
  const cut = text.indexOf("-");
  const first = cut === -1 ? text : text.slice(0, cut);
  const last = cut === -1 ? first : text.slice(cut + 1);
  // As Go reads an integer: a sign is allowed, and -0 is a port as good as 0.
  if (!/^[+-]?\d+$/.test(first) || !/^[+-]?\d+$/.test(last)) return undefined;
  const [from, to] = [Math.abs(Number(first)) === 0 ? 0 : Number(first), Math.abs(Number(last)) === 0 ? 0 : Number(last)];
  return from >= 0 && to <= 65_535 && from <= to ? [from, to] : undefined;
}

function isAddress(text: string): boolean {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  // `[]` is an address left out, to Go.
  if (bare === "") return true;
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(bare);
  if (four !== null) return four.slice(1).every((part) => String(Number(part)) === part && Number(part) <= 255);
  return /^[0-9a-fA-F:.]+$/.test(bare) && bare.includes(":") && URL.canParse(`http://[${bare}]`);
}

const wrong = (word: string, why: string, hint = "write a port, such as 80, 443/tcp or 8000-8010/udp"): ProblemError =>
  new ProblemError("dockerfile-semantics", { message: `EXPOSE cannot have "${word.slice(0, 160)}": ${why}`, hint });
