import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** What BuildKit calls the machine that programs run on. */
export const HOST_NAME = "buildkitsandbox";

/** /etc/hosts of a program, as BuildKit has it: itself, then what --add-host says. Source: moby/buildkit executor/oci/hosts.go, read 2026-11-22. */
export function hostsFile(hosts: readonly { readonly name: string; readonly address: string }[]): string {
  const own = `127.0.0.1\tlocalhost ${HOST_NAME}\n::1\tlocalhost ip6-localhost ip6-loopback\n`;
  return own + hosts.map(({ name, address }) => `${address}\t${name}\n`).join("");
}

/** Name servers for a machine that has none. */
const PUBLIC_SERVERS = ["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"];

/** /etc/resolv.conf of a program that has the machine's network: the machine's, made uniform. Source: moby/buildkit util/resolvconf, read 2026-11-22. */
export function resolverFile(path = "/etc/resolv.conf"): string {
  const servers: string[] = [];
  const options: string[] = [];
  const others: string[] = [];
  let search: readonly string[] = [];
  for (const line of read(path).split(/\r?\n/)) {
    if (/^[#;]/.test(line)) continue;
    const [word, ...values] = line.split(/\s+/).filter((part) => part !== "");
    if (word === undefined) continue;
    if (word === "nameserver") servers.push(...values.slice(0, 1).filter((address) => isIP(address.split("%")[0] as string) > 0));
    else if ((word === "search" || word === "domain") && values.length > 0) search = values;
    else if (word === "options") options.push(...values);
    else if (word !== "search" && word !== "domain") others.push(line);
  }
  return [
    ...(servers.length === 0 ? PUBLIC_SERVERS : servers).map((address) => `nameserver ${address}`),
    ...(search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...(options.length === 0 ? [] : [`options ${options.join(" ")}`]),
    ...others,
    "",
  ].join("\n");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
