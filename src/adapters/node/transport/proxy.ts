import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable in either case; lower case wins, as in curl and Node. Empty counts as not set. */
const variable = (env: Environment, name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;

/**
 * The proxy for an address, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY; undefined for a direct way, which loopback always takes.
 * @throws {Error} when the variable holds no address; the message does not repeat it, for it may hold a password
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config (the meaning of NO_PROXY that Docker's users know)
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = variable(env, name);
  if (text === undefined || goesDirectly(url, variable(env, "NO_PROXY") ?? "")) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) throw new Error(`${name} holds no address`);
  const proxy = new URL(address);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:")
    throw new Error(`${name} names a proxy of kind "${proxy.protocol.slice(0, -1)}", only http and https are known`);
  return proxy;
}

function goesDirectly(url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  if (host === "localhost" || host.endsWith(".localhost") || inNetwork(host, "127.0.0.0/8") || host === "::1") return true;
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return inNetwork(host, entry);
  const [, bracketed, plain, wantedPort] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain;
  if (name === undefined || (wantedPort !== undefined && wantedPort !== port && !isIP(entry))) return false;
  if (isIP(entry) !== 0) return entry === host;
  if (isIP(name) !== 0) return name === host;
  // "example.com" means the host and all below it, ".example.com" and "*.example.com" only those below it.
  const suffix = name.replace(/^\*(?=\.)/, "");
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inNetwork(host: string, network: string): boolean {
  const family = isIP(host);
  const [address = "", bits = ""] = network.split("/");
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const kind = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), kind);
  return list.check(host, kind);
}

/** Host and port as `node:http` takes them. */
export const addressOfHost = (url: URL): { readonly hostname: string; readonly port: number } => ({
  hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
  port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
});

/** The header that carries a proxy's own user and password, where its address has them. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
