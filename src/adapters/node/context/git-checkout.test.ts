import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { GitSource } from "../../../core/git-address.ts";
import type { BuildContext } from "../../../engine/context.ts";
import { collect } from "../../../image/blob-store.ts";
import { gitCheckout } from "./git-checkout.ts";

let base: string;
let remote: string;
let workFolder: string;
const commits: string[] = [];

function git(folder: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH ?? "",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_DATE: "1700000000 +0000",
    GIT_COMMITTER_DATE: "1700000000 +0000",
  };
  const who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "protocol.file.allow=always"];
  return execFileSync("git", [...who, ...args], { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "multihull-git-"));
  workFolder = join(base, "work");
  mkdirSync(workFolder);
  const library = join(base, "library");
  mkdirSync(library);
  git(library, "init", "-q", "-b", "main");
  writeFileSync(join(library, "lib.txt"), "library");
  git(library, "add", ".");
  git(library, "commit", "-qm", "library");

  const work = join(base, "author");
  mkdirSync(join(work, "sub/dir"), { recursive: true });
  git(work, "init", "-q", "-b", "main");
  writeFileSync(join(work, "file"), "first");
  writeFileSync(join(work, "program"), "run");
  chmodSync(join(work, "program"), 0o755);
  writeFileSync(join(work, "sub/dir/inner"), "inner");
  symlinkSync("/etc", join(work, "way-out"));
  git(work, "add", ".");
  git(work, "commit", "-qm", "first");
  commits.push(git(work, "rev-parse", "HEAD"));
  git(work, "tag", "light");
  git(work, "tag", "-a", "heavy", "-m", "heavy");
  writeFileSync(join(work, "file"), "second");
  git(work, "submodule", "-q", "add", library, "vendor/library");
  git(work, "commit", "-qam", "second");
  commits.push(git(work, "rev-parse", "HEAD"));
  git(work, "branch", "both");
  git(work, "tag", "both", commits[0] as string);
  git(work, "checkout", "-qb", "feature/x");
  writeFileSync(join(work, "file"), "feature");
  git(work, "commit", "-qam", "feature");
  git(work, "checkout", "-q", "main");
  remote = join(base, "bare.git");
  git(base, "clone", "-q", "--bare", work, remote);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const opened: BuildContext[] = [];
afterEach(async () => {
  for (const context of opened.splice(0)) await context.close();
  expect(readdirSync(workFolder)).toEqual([]);
});

async function checkout(request: Partial<GitSource> = {}): Promise<BuildContext> {
  const context = await gitCheckout({ remote: `file://${remote}`, keepGitDir: false, ...request }, { workFolder, allowFileTransport: true });
  opened.push(context);
  return context;
}
async function content(context: BuildContext, path: string): Promise<string> {
  const entry = (await context.entries()).find((e) => e.path === path);
  return entry === undefined ? "absent" : Buffer.from(await collect(context.open(entry))).toString();
}

describe("what is checked out", () => {
  const refs: Record<string, { ref?: () => string; file: string }> = {
    "the remote's HEAD": { file: "second" },
    "a branch": { ref: () => "main", file: "second" },
    "a branch with a slash": { ref: () => "feature/x", file: "feature" },
    "a light tag": { ref: () => "light", file: "first" },
    "an annotated tag": { ref: () => "heavy", file: "first" },
    "a full ref": { ref: () => "refs/tags/heavy", file: "first" },
    "a branch before a tag of the same name": { ref: () => "both", file: "second" },
    "a commit that is a tip": { ref: () => commits[1] as string, file: "second" },
    "a commit that is not": { ref: () => commits[0] as string, file: "first" },
  };
  for (const [name, c] of Object.entries(refs))
    test(name, async () => expect(await content(await checkout(c.ref === undefined ? {} : { ref: c.ref() }), "file")).toBe(c.file));

  test("its files have a checkout's modes, no .git, submodules, and links that lead nowhere else", async () => {
    const context = await checkout();
    expect((await context.entries()).map((e) => `${e.type} ${e.mode.toString(8)} ${e.path}`)).toEqual([
      "file 644 .gitmodules",
      "file 644 file",
      "file 755 program",
      "directory 755 sub",
      "directory 755 sub/dir",
      "file 644 sub/dir/inner",
      "directory 755 vendor",
      "directory 755 vendor/library",
      "file 644 vendor/library/lib.txt",
      "symlink 777 way-out",
    ]);
  });

  test("submodules can be left out", async () => {
    expect((await (await checkout({ submodules: false })).entries()).map((e) => e.path)).not.toContain("vendor/library/lib.txt");
  });

  test("a folder of it", async () => {
    expect((await (await checkout({ subdirectory: "sub/dir" })).entries()).map((e) => e.path)).toEqual(["inner"]);
  });

  test("the .git folder is kept when asked for, without what git noted about the fetch", async () => {
    const names = (await (await checkout({ keepGitDir: true })).entries()).map((e) => e.path);
    expect(names).toContain(".git/HEAD");
    expect(names).not.toContain(".git/FETCH_HEAD");
  });

  test("times are the commit's when asked for", async () => {
    const times = new Set((await (await checkout({ mtime: "commit" })).entries()).map((e) => e.mtime));
    expect([...times]).toEqual([1700000000]);
  });

  test("a checksum that fits: of the commit, of an annotated tag, a beginning", async () => {
    const tag = git(remote, "rev-parse", "heavy");
    for (const [ref, checksum] of [
      ["main", commits[1]],
      ["main", commits[1]?.slice(0, 8)],
      ["heavy", commits[0]],
      ["heavy", tag],
      [commits[0], commits[0]],
    ] as const)
      expect(await content(await checkout({ ref: ref as string, checksum: checksum as string }), "program")).toBe("run");
  });
});

test("a repository of sha256 ids", async () => {
  const modern = join(base, "sha256");
  mkdirSync(modern);
  git(modern, "init", "-q", "-b", "main", "--object-format=sha256");
  writeFileSync(join(modern, "file"), "modern");
  git(modern, "add", ".");
  git(modern, "commit", "-qm", "one");
  const context = await checkout({ remote: `file://${modern}`, checksum: git(modern, "rev-parse", "HEAD") });
  expect(await content(context, "file")).toBe("modern");
});

describe("refused is", () => {
  const refused: Record<string, { request: () => Partial<GitSource>; code: string; message?: string }> = {
    "a ref that is not there": { request: () => ({ ref: "v9" }), code: "git-failed", message: 'no branch or tag "v9"' },
    "a commit that is not there": { request: () => ({ ref: "0".repeat(40) }), code: "git-failed" },
    "another commit than the checksum's": { request: () => ({ ref: "main", checksum: commits[0] as string }), code: "checksum-mismatch" },
    "another commit than the one named": { request: () => ({ ref: commits[1] as string, checksum: commits[0] as string }), code: "checksum-mismatch" },
    "a folder that is not there": { request: () => ({ subdirectory: "none" }), code: "git-failed", message: 'no folder "none"' },
    "a folder that is a link": { request: () => ({ subdirectory: "way-out" }), code: "git-failed" },
    "a folder behind a link": { request: () => ({ subdirectory: "way-out/ssl" }), code: "git-failed" },
    "a folder that leads out": { request: () => ({ subdirectory: "../.." }), code: "git-failed" },
    "a folder that is a file": { request: () => ({ subdirectory: "file" }), code: "git-failed" },
    "a ref that is an option": { request: () => ({ ref: "--upload-pack=touch x" }), code: "git-failed" },
    "a refspec": { request: () => ({ ref: "main:refs/heads/x" }), code: "git-failed" },
    "a remote that is an option": { request: () => ({ remote: "--upload-pack=touch x" }), code: "git-failed" },
    "a remote that is a command": { request: () => ({ remote: "ext::sh -c touch% x" }), code: "git-failed" },
    "a repository that is not there": { request: () => ({ remote: `file://${base}/none.git` }), code: "git-failed" },
  };
  for (const [name, c] of Object.entries(refused))
    test(name, async () => {
      await expect(checkout(c.request())).rejects.toMatchObject({
        code: c.code,
        ...(c.message === undefined ? {} : { message: expect.stringContaining(c.message) }),
      });
      expect(readdirSync(workFolder)).toEqual([]);
    });

  test("a local repository, unless a test allows it", async () => {
    for (const local of [remote, `file://${remote}`])
      await expect(gitCheckout({ remote: local, keepGitDir: false }, { workFolder })).rejects.toMatchObject({ code: "git-failed" });
  });

  test("everything, when there is no git", async () => {
    await expect(gitCheckout({ remote: "https://example.com/a.git", keepGitDir: false }, { workFolder, program: "no-such-git" })).rejects.toMatchObject({
      code: "git-unavailable",
    });
  });

  test("without telling a password", async () => {
    const request = { remote: "http://me:s3cret@127.0.0.1:1/a.git", keepGitDir: false };
    const failure = await gitCheckout(request, { workFolder }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "git-failed" });
    expect(String((failure as Error).message)).not.toContain("s3cret");
  });

  test("what is aborted", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(gitCheckout({ remote: `file://${remote}`, keepGitDir: false }, { workFolder, allowFileTransport: true, signal })).rejects.toThrow("stop");
  });
});
