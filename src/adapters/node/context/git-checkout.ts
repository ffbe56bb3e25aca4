import { existsSync, lstatSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type GitSource, redactAddress } from "../../../core/git-address.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { BuildContext } from "../../../engine/context.ts";
import { makeFolder } from "../store/make-folder.ts";
import { folderContext } from "./folder-context.ts";

export interface GitOptions {
  /** Folder in which checkouts live until they are closed. */
  readonly workFolder: string;
  /** Default `git`, found on PATH. */
  readonly program?: string;
  /** Environment of the git program; only what git and ssh need is taken from it. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** For tests: lets `file://` and local paths be remotes. */
  readonly allowFileTransport?: boolean;
  readonly signal?: AbortSignal;
}

/** What of our environment reaches git: how to find ssh and its agent, and the proxies. Its configuration does not: it may run programs. */
const KEPT_VARIABLES = ["PATH", "SSH_AUTH_SOCK", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"];
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const CHECKSUM = /^[0-9a-f]{4,64}$/;
/** Most of what git says that goes into a message. */
const SAID_LIMIT = 600;

/**
 * Brings a checkout with the `git` program, as shallow as the server allows. Modes are those of umask 022; times are those of the checkout, or of the commit.
 * @throws {ProblemError} `git-unavailable` | `git-failed` | `checksum-mismatch`
 * @see moby/buildkit source/git/source.go and util/gitutil/git_cli.go at 73ed682 (2026-08-21)
 */
export async function gitCheckout(request: GitSource, options: GitOptions): Promise<BuildContext> {
  refuseUnsafe(request, options);
  makeFolder(options.workFolder, 0o700);
  const work = mkdtempSync(join(options.workFolder, "git-"));
  const remove = (): Promise<void> => rm(work, { recursive: true, force: true });
  try {
    const git = new Git(request, work, options);
    const commit = await git.fetch();
    await git.checkout(commit);
    const folder = git.subfolder();
    if (!request.keepGitDir) await rm(join(git.tree, ".git"), { recursive: true, force: true });
    return folderContext(folder, {
      name: redactAddress(request.remote),
      checkoutModes: true,
      ...(request.keepGitDir ? {} : { ignore: LINKS_TO_GIT_DIRS }),
      ...(git.commitTime === undefined ? {} : { mtime: git.commitTime }),
      onClose: remove,
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A submodule's `.git` is a file that points into the folder which is gone. */
const LINKS_TO_GIT_DIRS = { ignored: (path: string) => path === ".git" || path.endsWith("/.git"), mayHoldIncluded: () => false };

class Git {
  readonly tree: string;
  /** Seconds since 1970, when it was asked for. */
  commitTime: number | undefined;
  readonly #request: GitSource;
  readonly #options: GitOptions;

  constructor(request: GitSource, work: string, options: GitOptions) {
    this.#request = request;
    this.#options = options;
    this.tree = join(work, "tree");
  }

  /** Fetches and gives the commit. */
  async fetch(): Promise<string> {
    makeFolder(this.tree);
    const { ref = "HEAD", checksum } = this.#request;
    if (COMMIT.test(ref)) {
      if (checksum !== undefined && !ref.startsWith(checksum)) throw this.#mismatch(ref);
      await this.#init(ref);
      await this.#fetchCommit(ref);
      return ref;
    }
    const { wanted, ids } = await this.#resolve(ref);
    if (checksum !== undefined && !ids.some((id) => id.startsWith(checksum))) throw this.#mismatch(ids[0] ?? "");
    await this.#init(ids[0] ?? "");
    await this.#fetchDepth1(wanted);
    // The ref may have moved since it was looked up: what counts is what came.
    const [tag = "", fetched = ""] = (await this.#run(["rev-parse", "FETCH_HEAD", "FETCH_HEAD^{commit}"])).split("\n");
    if (checksum !== undefined && !fetched.startsWith(checksum) && !tag.startsWith(checksum)) throw this.#mismatch(fetched);
    return fetched;
  }

  /** A repository of sha256 ids cannot be fetched into one of sha1 ids. */
  async #init(id: string): Promise<void> {
    const format = id.length === 64 ? ["--object-format=sha256"] : [];
    await this.#run(["-c", "init.defaultBranch=master", "init", "--quiet", ...format, "."]);
    await this.#run(["remote", "add", "origin", "--", this.#request.remote]);
  }

  /** The full ref that `ref` means, as git's checkout prefers: the ref itself, a branch, a tag; with its ids. */
  async #resolve(ref: string): Promise<{ readonly wanted: string; readonly ids: readonly string[] }> {
    const listed = await this.#run(["ls-remote", "--", this.#request.remote, ref, `${ref}^{}`]);
    const ids = new Map(
      listed
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split("\t", 2).reverse() as [string, string]),
    );
    const candidates = [
      ref,
      `refs/${ref.replace(/^refs\//, "")}`,
      `refs/heads/${ref.replace(/^refs\/heads\//, "")}`,
      `refs/tags/${ref.replace(/^refs\/tags\//, "")}`,
    ];
    const wanted = candidates.find((candidate) => ids.has(candidate));
    if (wanted === undefined)
      throw new ProblemError("git-failed", {
        message: `"${redactAddress(this.#request.remote)}" has no branch or tag "${ref}"`,
        hint: "name one that it has; a commit is named by all of its digits",
      });
    return { wanted, ids: [ids.get(wanted), ids.get(`${wanted}^{}`)].filter((id) => id !== undefined) };
  }

  async #fetchCommit(commit: string): Promise<void> {
    try {
      await this.#fetchDepth1(commit);
    } catch (error) {
      // Servers need not hand out a commit that is no tip: then everything is fetched, and it is looked for.
      if (!(error instanceof ProblemError) || !/not our ref|unadvertised object/.test(error.message)) throw error;
      await this.#run(["fetch", "--quiet", "--tags", "--no-recurse-submodules", "--", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    }
    await this.#run(["cat-file", "-e", `${commit}^{commit}`]);
  }

  async #fetchDepth1(what: string): Promise<void> {
    const args = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", "origin", what];
    try {
      await this.#run(args);
    } catch (error) {
      if (!(error instanceof ProblemError) || !/--depth|shallow/.test(error.message)) throw error;
      await this.#run(args.filter((arg) => arg !== "--depth=1"));
    }
  }

  async checkout(commit: string): Promise<void> {
    await this.#run(["checkout", "--quiet", "--detach", commit]);
    if (this.#request.submodules !== false && existsSync(join(this.tree, ".gitmodules")))
      await this.#run(["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"]);
    if (this.#request.mtime === "commit") this.commitTime = Number(await this.#run(["log", "-1", "--format=%ct", commit]));
    // Credentials in the address must not end up in an image with the .git folder.
    if (this.#request.keepGitDir) await this.#run(["remote", "set-url", "origin", redactAddress(this.#request.remote)]);
    if (this.#request.keepGitDir) await rm(join(this.tree, ".git", "FETCH_HEAD"), { force: true });
  }

  /** The folder asked for; no part of the way there may be a link. */
  subfolder(): string {
    let folder = this.tree;
    for (const part of (this.#request.subdirectory ?? "").split("/")) {
      if (part === "") continue;
      folder = join(folder, part);
      if (part === ".." || lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
        throw new ProblemError("git-failed", {
          message: `"${redactAddress(this.#request.remote)}" has no folder "${this.#request.subdirectory}"`,
          hint: "name a folder of the repository, not a file or link",
        });
    }
    return folder;
  }

  async #run(args: readonly string[]): Promise<string> {
    const program = this.#options.program ?? "git";
    const given = this.#options.env ?? process.env;
    const { execa } = await import("execa");
    const running = execa(
      program,
      [
        "-c",
        "protocol.allow=never",
        ...ALLOWED(this.#options.allowFileTransport === true),
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.symlinks=true",
        ...args,
      ],
      {
        cwd: this.tree,
        extendEnv: false,
        env: {
          ...Object.fromEntries(KEPT_VARIABLES.map((name) => [name, given[name]]).filter(([, value]) => value !== undefined)),
          GIT_TERMINAL_PROMPT: "0",
          GIT_CONFIG_NOSYSTEM: "1",
          GIT_CONFIG_GLOBAL: "/dev/null",
          HOME: "/dev/null",
          GIT_SSH_COMMAND: "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no",
          LC_ALL: "C",
        },
        stdin: "ignore",
        reject: false,
        // A group of its own: git leaves the talking to a child, which must end with it.
        detached: true,
      },
    );
    const { signal } = this.#options;
    const end = (): void => endGroup(running.pid);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted === true) end();
    const result = await running;
    signal?.removeEventListener("abort", end);
    signal?.throwIfAborted();
    if (!result.failed) return result.stdout.trim();
    // Without an exit code or signal it was never started: it is not there, or PATH leads through folders that we may not look into.
    if (result.exitCode === undefined && result.signal === undefined)
      throw new ProblemError("git-unavailable", {
        message: `the program "${program}" is needed for "${redactAddress(this.#request.remote)}" and was not found`,
        hint: "install git, or give a folder as the context",
        cause: result,
      });
    throw new ProblemError("git-failed", {
      message: `git could not bring "${redactAddress(this.#request.remote)}": ${this.#redact(String(result.stderr)).slice(0, SAID_LIMIT)}`,
      hint: "check that the repository and the ref exist and that you may read them",
      facts: { exitCode: result.exitCode ?? -1 },
    });
  }

  /** What git says may hold the address with its credentials. */
  #redact(text: string): string {
    return text
      .replaceAll(this.#request.remote, redactAddress(this.#request.remote))
      .replace(/([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/\s]*@/g, "$1")
      .replace(/\s+/g, " ")
      .trim();
  }

  #mismatch(got: string): ProblemError {
    return new ProblemError("checksum-mismatch", {
      message: `"${this.#request.ref ?? "HEAD"}" of "${redactAddress(this.#request.remote)}" is commit ${got}, wanted ${this.#request.checksum}`,
      hint: "find out who moved it before you change the checksum",
    });
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
}

const ALLOWED = (file: boolean): readonly string[] =>
  ["http", "https", "ssh", "git", ...(file ? ["file"] : [])].flatMap((protocol) => ["-c", `protocol.${protocol}.allow=always`]);

/** `parseGitAddress` refuses these too; a request may also be made by hand. */
function refuseUnsafe({ remote, ref, checksum }: GitSource, { allowFileTransport }: GitOptions): void {
  const refuse = (what: string): ProblemError =>
    new ProblemError("git-failed", { message: `git is not asked for "${redactAddress(remote)}": ${what}`, hint: "use an https://, ssh:// or git:// address" });
  if (/^[-+]|^[A-Za-z0-9+.-]*::/.test(remote) || /[\0\n\r]/.test(remote)) throw refuse("this is no address");
  if (ref !== undefined && (/^[-+]|[\0\s:]/.test(ref) || ref === "")) throw refuse(`"${ref}" is no branch, tag or commit`);
  if (checksum !== undefined && !CHECKSUM.test(checksum)) throw refuse(`the checksum "${checksum}" is not made of 4 to 64 hex digits`);
  const known = /^(?:https?|ssh|git):\/\/[^-/]/i.test(remote) || /^[A-Za-z0-9_-]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^-]/.test(remote);
  if (!known && !(allowFileTransport === true && /^(?:file:\/\/)?\//.test(remote))) throw refuse("it is neither http, https, ssh nor git");
}
