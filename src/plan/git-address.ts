import { posix } from "node:path";
import { ProblemError } from "../core/problem.ts";

/** What ADD needs to bring a checkout. */
export interface GitAddress {
  /** As git takes it, without fragment and query. */
  readonly remote: string;
  readonly ref?: string;
  readonly subdirectory?: string;
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  readonly submodules?: false;
}

const SCP_STYLE = /^([a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:.*?)(?:\?(.*?))?(?:#(.*))?$/;

/**
 * Reads BuildKit's git addresses as ADD knows them: `https://HOST/PATH.git[?QUERY][#REF[:FOLDER]]`, `git://`, `ssh://`, `USER@HOST:PATH`.
 * Undefined for everything else, among it `github.com/ORG/REPO`, which to ADD is a path.
 * @throws {ProblemError} `dockerfile-semantics` for a git address that contradicts itself
 * @see moby/buildkit frontend/dockerfile/dfgitutil/git_ref.go and util/gitutil/git_url.go, read 2026-11-22
 */
export function parseGitAddress(text: string): GitAddress | undefined {
  if (text.startsWith("./") || text.startsWith("../")) return undefined;
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const scp = SCP_STYLE.exec(text);
    return scp === null ? undefined : read(text, scp[1] as string, new URLSearchParams(scp[2] ?? ""), scp[3] ?? "");
  }
  if (!["http", "https", "ssh", "git"].includes(scheme) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (scheme.startsWith("http") && !url.pathname.endsWith(".git")) return undefined;
  const remote = text.replace(/[?#].*$/s, "");
  return read(text, remote, url.searchParams, decodeURIComponent(url.hash.slice(1)));
}

function read(text: string, remote: string, query: URLSearchParams, fragment: string): GitAddress {
  const colon = fragment.indexOf(":");
  const said = {
    ref: colon === -1 ? fragment : fragment.slice(0, colon),
    subdir: colon === -1 ? "" : cleanFolder(fragment.slice(colon + 1)),
    checksum: "",
  };
  const set = (key: keyof typeof said, value: string): void => {
    if (said[key] !== "" && said[key] !== value) throw refused(text, `names two values for ${key}: "${said[key]}" and "${value}"`);
    said[key] = value;
  };
  let keepGitDir: boolean | undefined;
  let submodules: false | undefined;
  const tag = query.get("tag");
  const branch = query.get("branch");
  if (tag !== null && branch !== null) throw refused(text, "names a tag and a branch");
  for (const key of new Set(query.keys())) {
    const values = query.getAll(key);
    const value = values[0] as string;
    if (values.length > 1) throw refused(text, `has "${key}" more than once`);
    if (value === "" && !["keep-git-dir", "submodules", "fetch-by-commit"].includes(key)) throw refused(text, `has no value for "${key}"`);
    switch (key) {
      case "ref":
        set("ref", value);
        break;
      case "tag":
        set("ref", value.startsWith("refs/tags/") ? value : `refs/tags/${value}`);
        break;
      case "branch":
        set("ref", value.startsWith("refs/heads/") ? value : `refs/heads/${value}`);
        break;
      case "subdir":
        set("subdir", cleanFolder(value));
        break;
      case "checksum":
      case "commit":
        set("checksum", value);
        break;
      case "keep-git-dir":
        keepGitDir = truth(text, key, value);
        break;
      case "submodules":
        if (!truth(text, key, value)) submodules = false;
        break;
      case "mtime":
        if (value !== "checkout") throw refused(text, `has "${value}" for mtime; only "checkout" is supported`);
        break;
      case "fetch-by-commit":
        // It changes how BuildKit fetches, not what ADD gets.
        truth(text, key, value);
        break;
      default:
        throw refused(text, `has the unknown word "${key}" in its query`);
    }
  }
  return {
    remote,
    ...(said.ref === "" ? {} : { ref: said.ref }),
    ...(said.subdir === "" ? {} : { subdirectory: said.subdir }),
    ...(said.checksum === "" ? {} : { checksum: said.checksum }),
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
    ...(submodules === undefined ? {} : { submodules }),
  };
}

/** A folder inside the checkout: no `.`, no `..`, no slash at either end. */
const cleanFolder = (folder: string): string => posix.join("/", folder).replace(/^\/|\/$/g, "");

function truth(text: string, key: string, value: string): boolean {
  if (value === "" || /^(?:1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw refused(text, `has "${value}" for ${key}, which is neither true nor false`);
}

const refused = (text: string, why: string): ProblemError =>
  new ProblemError("dockerfile-semantics", {
    message: `the git address "${withoutSecrets(text)}" ${why}`,
    hint: "wanted https://HOST/PATH.git#REF:FOLDER, or ?ref=…&subdir=…",
  });

/** An address or a text with addresses in it, for messages and names: user and password of each taken out. */
export const withoutSecrets = (text: string): string => text.replace(/([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^/\s@]*@/g, "$1");
