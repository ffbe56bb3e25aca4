import { posix } from "node:path";
import { type ProblemCode, ProblemError } from "./problem.ts";

/** A checkout to bring. */
export interface GitSource {
  /** As git takes it, without fragment and query. */
  readonly remote: string;
  readonly ref?: string;
  readonly subdirectory?: string;
  readonly keepGitDir: boolean;
  /** Commit that `ref` must lead to, or a beginning of it. */
  readonly checksum?: string;
  /** Absent: submodules are checked out too. */
  readonly submodules?: false;
  /** Time of the files: that of the checkout (also when absent), or of the commit. */
  readonly mtime?: "checkout" | "commit";
}

/** What a git address says; what it leaves unsaid may be decided elsewhere. */
export type GitAddress = Omit<GitSource, "keepGitDir"> & Partial<Pick<GitSource, "keepGitDir">>;

export interface GitAddressOptions {
  /** Whether `github.com/ORG/REPO` is an address: it is where a build context is named, and a path in ADD. */
  readonly shorthand: boolean;
  /** Code of the problem for an address that cannot be used as it stands. */
  readonly code: ProblemCode;
}

const SCHEMES = ["http", "https", "ssh", "git"];
const SCP_STYLE = /^([A-Za-z0-9_-]+)@([A-Za-z0-9.-]+):(.*?)(?:\?(.*?))?(?:#(.*))?$/s;
const FLAGS = ["keep-git-dir", "submodules", "fetch-by-commit"];
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/**
 * Reads BuildKit's git addresses: `https://HOST/PATH.git[#REF[:SUBDIR]]`, `git://`, `ssh://`, `USER@HOST:PATH`, and the query form
 * `?ref=&tag=&branch=&subdir=&checksum=&keep-git-dir=&submodules=&mtime=`. Undefined when the text is none of them (a folder, a plain http address).
 * @throws {ProblemError} with the given code when it is one, but cannot be used as it stands
 * @see moby/buildkit frontend/dockerfile/dfgitutil/git_ref.go, util/gitutil/git_url.go, util/sshutil/scpurl.go at 73ed682 (2026-08-21)
 */
export function parseGitAddress(text: string, options: GitAddressOptions): GitAddress | undefined {
  const parts = splitAddress(text, options.shorthand);
  if (parts === undefined) return undefined;
  const said = new Said(text, options.code);
  said.fragment(parts.fragment);
  said.query(parts.query);
  refuseOptions(text, [parts.remote, said.values.ref, said.values.checksum], options.code);
  const { ref, subdir, checksum, keepGitDir, submodules, mtime } = said.values;
  return {
    remote: parts.remote,
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
    ...(ref === undefined || ref === "" ? {} : { ref }),
    ...(subdir === undefined || subdir === "" ? {} : { subdirectory: subdir }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(submodules === false ? { submodules } : {}),
    ...(mtime === undefined ? {} : { mtime }),
  };
}

/** An address for messages: without user, password, query and fragment. */
export function redactAddress(address: string): string {
  return withoutSecrets(address.replace(/[?#].*$/s, "")).slice(0, 300);
}

/** Query keys of git addresses: their values are no secrets. Any other may be a signature or a token. */
const SHOWN_KEYS: ReadonlySet<string> = new Set("ref tag branch commit checksum subdir submodules keep-git-dir mtime fetch-by-commit".split(" "));

/** An address or a text with addresses in it, for messages, names and history: user, password and unknown query values of each taken out. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^/\s]*@/g, "$1")
    .replace(/(\bhttps?:\/\/[^\s?#]*\?)([^\s#]*)/gi, (_, before: string, query: string) => `${before}${query.split("&").map(shownParameter).join("&")}`);

function shownParameter(parameter: string): string {
  const equals = parameter.indexOf("=");
  const key = equals === -1 ? parameter : parameter.slice(0, equals);
  if (SHOWN_KEYS.has(key)) return parameter;
  return equals === -1 ? "…" : `${key}=…`;
}

interface AddressParts {
  readonly remote: string;
  readonly query: string;
  readonly fragment: string;
}

function splitAddress(text: string, shorthand: boolean): AddressParts | undefined {
  if (text.startsWith("./") || text.startsWith("../")) return undefined;
  const scheme = /^([A-Za-z0-9]+):\/\//.exec(text)?.[1]?.toLowerCase();
  const short = scheme === undefined && shorthand && text.startsWith("github.com/");
  if (scheme === undefined && !short) {
    const [, user, host, path, query = "", fragment = ""] = SCP_STYLE.exec(text) ?? [];
    return path === undefined ? undefined : { remote: `${user}@${host}:${path}`, query, fragment };
  }
  if (scheme !== undefined && (!SCHEMES.includes(scheme) || !URL.canParse(text))) return undefined;
  const [, base = "", query = "", fragment = ""] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  if (short) return { remote: `https://${base}`, query, fragment: decode(fragment) };
  // Only an http address that ends in .git is git's; any other is a file to download.
  if (scheme?.startsWith("http") && !pathOf(base).endsWith(".git")) return undefined;
  return { remote: base, query, fragment: decode(fragment) };
}

const pathOf = (base: string): string => base.slice(base.indexOf("/", base.indexOf("://") + 3));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What fragment and query say together. */
class Said {
  readonly values: {
    ref?: string;
    subdir?: string;
    checksum?: string;
    keepGitDir?: boolean;
    submodules?: boolean;
    mtime?: "checkout" | "commit";
  } = {};
  readonly #text: string;
  readonly #code: ProblemCode;

  constructor(text: string, code: ProblemCode) {
    this.#text = text;
    this.#code = code;
  }

  fragment(fragment: string): void {
    if (fragment === "") return;
    const colon = fragment.indexOf(":");
    this.#set("ref", colon === -1 ? fragment : fragment.slice(0, colon));
    if (colon !== -1) this.#set("subdir", fragment.slice(colon + 1));
  }

  query(query: string): void {
    const given = new URLSearchParams(query);
    if (given.has("tag") && given.has("branch")) throw this.#refuse('says both "tag" and "branch"');
    for (const key of new Set(given.keys())) {
      const [value = "", ...more] = given.getAll(key);
      if (more.length > 0) throw this.#refuse(`says "${key}" several times`);
      if (value === "" && !FLAGS.includes(key)) throw this.#refuse(`says "${key}" without a value`);
      this.#take(key, value);
    }
  }

  #take(key: string, value: string): void {
    switch (key) {
      case "ref":
        this.#set("ref", value);
        return;
      case "tag":
        this.#set("ref", value.startsWith("refs/tags/") ? value : `refs/tags/${value}`);
        return;
      case "branch":
        this.#set("ref", value.startsWith("refs/heads/") ? value : `refs/heads/${value}`);
        return;
      case "subdir":
        this.#set("subdir", value);
        return;
      case "checksum":
      case "commit":
        this.#set("checksum", value);
        return;
      case "keep-git-dir":
        this.values.keepGitDir = this.#flag(key, value);
        return;
      case "submodules":
        this.values.submodules = this.#flag(key, value);
        return;
      // It only saves BuildKit a question to the server; the commit is checked either way.
      case "fetch-by-commit":
        this.#flag(key, value);
        return;
      case "mtime":
        if (value !== "checkout" && value !== "commit") throw this.#refuse(`says mtime="${value}"`, "wanted mtime=checkout or mtime=commit");
        this.values.mtime = value;
        return;
      default:
        throw this.#refuse(`says the unknown "${key}"`, "known are ref, tag, branch, subdir, checksum, keep-git-dir, submodules and mtime");
    }
  }

  #set(key: "ref" | "subdir" | "checksum", value: string): void {
    const clean = key === "subdir" ? posix.join("/", value).slice(1).replace(/\/$/, "") : value;
    const old = this.values[key];
    if (old !== undefined && old !== "" && old !== clean) throw this.#refuse(`says two values for "${key}": "${old}" and "${clean}"`);
    this.values[key] = clean;
  }

  #flag(key: string, value: string): boolean {
    if (value === "" || TRUE.includes(value)) return true;
    if (FALSE.includes(value)) return false;
    throw this.#refuse(`says ${key}="${value}"`, "wanted true or false");
  }

  #refuse(what: string, hint = "say each thing once, in the fragment or in the query"): ProblemError {
    return new ProblemError(this.#code, { message: `the git address "${redactAddress(this.#text)}" ${what}`, hint });
  }
}

/** What begins with a dash would be an option to git, and `ext::` in a remote would be a command to run. */
function refuseOptions(text: string, given: readonly (string | undefined)[], code: ProblemCode): void {
  const bad = given.find((value) => value !== undefined && (value.startsWith("-") || /^[A-Za-z0-9+.-]*::/.test(value) || /[\0\n\r]/.test(value)));
  const host = /^[A-Za-z0-9]+:\/\/(?:[^/@]*@)?-/.test(given[0] ?? "") || /^[^/]*@-/.test(given[0] ?? "");
  if (bad !== undefined || host)
    throw new ProblemError(code, {
      message: `the git address "${redactAddress(text)}" names ${bad === undefined ? "a host" : `"${redactAddress(bad)}"`}, which git would not take for a name`,
      hint: "name a branch, tag or commit as the repository has it",
    });
}
