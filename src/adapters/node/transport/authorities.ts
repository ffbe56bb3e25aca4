import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { ProblemError } from "../../../core/problem.ts";
import type { Environment } from "./proxy.ts";

/** Where Docker, rootless Docker and Podman look for the authorities of single registries. */
export function usualCertsDirs(env: Environment): string[] {
  const home = env.HOME ?? "";
  return ["/etc/docker/certs.d", ...(home === "" ? [] : [join(home, ".config/docker/certs.d"), join(home, ".docker/certs.d")]), "/etc/containers/certs.d"];
}

/**
 * The certificates to believe in for a host (with its port), in PEM; undefined when those of Node suffice.
 * @throws {ProblemError} `file-unreadable` for a file that was named on purpose
 */
export function authoritiesFor(host: string, env: Environment, caFiles: readonly string[], certsDirs: readonly string[]): string[] | undefined {
  const ofHost = certsDirs.flatMap((dir) => filesOf(join(dir, host)));
  const named = [...caFiles, ...(env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : [])];
  if (ofHost.length === 0 && named.length === 0) return undefined;
  // Naming any takes Node's own set away, and with it what NODE_EXTRA_CA_CERTS had added at its start.
  const extra = env.NODE_EXTRA_CA_CERTS;
  return [...rootCertificates, ...(extra === undefined || extra === "" ? [] : readable(extra)), ...[...named, ...ofHost].map(read)];
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(".crt"))
      .sort()
      .map((name) => join(dir, name));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ProblemError("file-unreadable", {
      message: `the certificates in "${file}" cannot be read`,
      hint: "SSL_CERT_FILE and the option for certificate authorities name files in PEM",
      facts: { file },
      cause,
    });
  }
}

/** Node itself only warns of a missing file here, and so it is no failure. */
function readable(file: string): string[] {
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}
