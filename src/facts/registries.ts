import table from "../../data/registries.json" with { type: "json" };
import { atLeast } from "./version.ts";

/** What is known of a public registry. */
export interface RegistryFacts {
  readonly name: string;
  /** Who may push: `account` needs a log-in, `anybody` does not; on a runner of the registry's own maker (`runner`) nobody has to ask for one. */
  readonly push: "account" | "anybody" | "runner";
  /** Takes BuildKit's cache only as an image manifest. */
  readonly cacheWantsImageManifest: boolean;
  /** Takes a manifest that names another one only when that is there. */
  readonly wantsSubjectFirst: boolean;
  readonly source: string;
}

interface Row {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly push: string;
  readonly cacheWantsImageManifest?: boolean;
  readonly wantsSubjectFirst?: boolean;
  readonly source: string;
}

const ROWS = table.registries as readonly Row[];
const BY_HOST = new Map(ROWS.flatMap((row) => row.hosts.map((host) => [host, row] as const)));
const PATTERNS = ROWS.flatMap((row) => row.hosts.filter((host) => host.includes("*")).map((host) => ({ row, pattern: patternOf(host) })));
/** Of a host's name (RFC 1035). */
const LONGEST_HOST = 255;

function patternOf(host: string): RegExp {
  const escaped = host.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", "[a-z0-9.-]+");
  return new RegExp(`^${escaped}$`, "i");
}

/** Of a host as images name it; undefined for one that is not in the table. */
export function registryFacts(host: string): RegistryFacts | undefined {
  const row = BY_HOST.get(host) ?? (host.length > LONGEST_HOST ? undefined : PATTERNS.find(({ pattern }) => pattern.test(host))?.row);
  return (
    row && {
      name: row.name,
      push: row.push as RegistryFacts["push"],
      cacheWantsImageManifest: row.cacheWantsImageManifest === true,
      wantsSubjectFirst: row.wantsSubjectFirst === true,
      source: row.source,
    }
  );
}

/** Whether a release of BuildKit writes its cache as an image manifest without being told; undefined where nobody can tell. */
export const cacheIsImageManifest = (buildkit: string): boolean | undefined => atLeast(buildkit, table.cacheManifest.defaultSince);

interface Span {
  readonly from: string;
  readonly fromDate: string;
  readonly until?: string;
  readonly untilDate?: string;
}

/**
 * Whether a BuildKit pushes attestations before the images that they name.
 * @param buildkit  a release; undefined for the newest at `asOf`; null where nobody knows: false then
 */
export function pushesSubjectLate(buildkit: string | null | undefined, asOf: string): boolean {
  if (buildkit === null) return false;
  return (table.lateSubject.spans as readonly Span[]).some(({ from, fromDate, until, untilDate }) =>
    buildkit === undefined
      ? fromDate <= asOf && (untilDate === undefined || asOf < untilDate)
      : atLeast(buildkit, from) === true && (until === undefined || atLeast(buildkit, until) === false),
  );
}

/** What docker/login-action says when it has nothing to log in with. */
export const logInError = (lacks: "both" | "username" | "password"): string => table.loginErrors[lacks];
