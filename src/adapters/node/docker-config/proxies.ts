import { readFileSync } from "node:fs";
import { join } from "node:path";

// Source: docker/buildx store/storeutil/storeutil.go (GetProxyConfig), read 2026-11-22.
const FIELDS: Readonly<Record<string, string>> = { httpProxy: "HTTP_PROXY", httpsProxy: "HTTPS_PROXY", noProxy: "NO_PROXY", ftpProxy: "FTP_PROXY" };
const DEFAULT_DAEMON = "unix:///var/run/docker.sock";

/**
 * Proxies that Docker's configuration sets for builds, by the name of the build argument: those for the daemon that is in use, else those for all. Without a
 * configuration, or with one that cannot be read, none: whoever needs its credentials is told.
 */
export function dockerProxies(env: Readonly<Record<string, string | undefined>>, home: string): ReadonlyMap<string, string> {
  const all = proxiesIn(join(env.DOCKER_CONFIG || join(home, ".docker"), "config.json"));
  const chosen = objectOf(all[env.DOCKER_HOST || DEFAULT_DAEMON] ?? all.default);
  const args = new Map<string, string>();
  for (const [field, name] of Object.entries(FIELDS)) {
    const value = chosen[field];
    if (typeof value === "string" && value !== "") args.set(name, value);
  }
  return args;
}

function proxiesIn(path: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(objectOf(JSON.parse(readFileSync(path, "utf8"))).proxies);
  } catch {
    return {};
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
