import { describe, expect, test } from "vitest";
import { type GitRequest, parseGitAddress, redactAddress } from "./git-address.ts";

const plain = { keepGitDir: false };
const good: Record<string, { in: string; out: GitRequest | undefined }> = {
  "https with .git": { in: "https://example.com/org/app.git", out: { ...plain, remote: "https://example.com/org/app.git" } },
  "a branch": { in: "https://example.com/app.git#main", out: { ...plain, remote: "https://example.com/app.git", ref: "main" } },
  "a branch with slashes and a folder": {
    in: "https://example.com/app.git#feature/x:docker/image",
    out: { ...plain, remote: "https://example.com/app.git", ref: "feature/x", subdirectory: "docker/image" },
  },
  "a folder of the default branch": { in: "https://example.com/app.git#:sub/", out: { ...plain, remote: "https://example.com/app.git", subdirectory: "sub" } },
  "a folder that would lead out stays inside": {
    in: "https://example.com/app.git#:../../etc",
    out: { ...plain, remote: "https://example.com/app.git", subdirectory: "etc" },
  },
  "an empty fragment": { in: "https://example.com/app.git#", out: { ...plain, remote: "https://example.com/app.git" } },
  "plain http": { in: "http://example.com/app.git", out: { ...plain, remote: "http://example.com/app.git" } },
  "git://": { in: "git://example.com/app", out: { ...plain, remote: "git://example.com/app" } },
  "ssh:// with user and port": { in: "ssh://git@example.com:2222/org/app#v1", out: { ...plain, remote: "ssh://git@example.com:2222/org/app", ref: "v1" } },
  "scp style": { in: "git@github.com:org/app.git#v1:sub", out: { ...plain, remote: "git@github.com:org/app.git", ref: "v1", subdirectory: "sub" } },
  "scp style with any user and a query": { in: "me@host.example:app?ref=v1", out: { ...plain, remote: "me@host.example:app", ref: "v1" } },
  "github.com without a scheme": { in: "github.com/org/app#v1", out: { ...plain, remote: "https://github.com/org/app", ref: "v1" } },
  "a query": {
    in: "https://example.com/app.git?ref=v1&subdir=a/b&checksum=0123abcd&keep-git-dir=true&submodules=false&mtime=commit",
    out: { remote: "https://example.com/app.git", ref: "v1", subdirectory: "a/b", checksum: "0123abcd", keepGitDir: true, submodules: false, mtime: "commit" },
  },
  "flags without a value": { in: "https://example.com/app.git?keep-git-dir&submodules=", out: { remote: "https://example.com/app.git", keepGitDir: true } },
  "a tag and a branch by query": { in: "https://example.com/app.git?tag=v1", out: { ...plain, remote: "https://example.com/app.git", ref: "refs/tags/v1" } },
  "a branch by query": { in: "https://example.com/app.git?branch=main", out: { ...plain, remote: "https://example.com/app.git", ref: "refs/heads/main" } },
  "query and fragment that agree": { in: "https://example.com/app.git?ref=v1#v1", out: { ...plain, remote: "https://example.com/app.git", ref: "v1" } },
  "http without .git is a download": { in: "https://example.com/app.tar.gz", out: undefined },
  "http with .git elsewhere is a download": { in: "https://example.com/app.git/archive.tar", out: undefined },
  "a folder": { in: "src/app", out: undefined },
  "a folder that looks like github": { in: "./github.com/org/app", out: undefined },
  "a windows-like path": { in: "C:\\app", out: undefined },
  "another scheme": { in: "ext::sh -c whoami", out: undefined },
  "file://": { in: "file:///srv/app.git", out: undefined },
};
describe("parseGitAddress reads", () => {
  for (const [name, c] of Object.entries(good)) test(name, () => expect(parseGitAddress(c.in)).toEqual(c.out));
});

const bad: Record<string, string> = {
  "a ref that is an option": "https://example.com/app.git#--upload-pack=touch /tmp/x",
  "a checksum that is an option": "https://example.com/app.git?checksum=-x",
  "a host that is an option": "ssh://-oProxyCommand=x/app",
  "a host behind a user that is an option": "ssh://git@-oProxyCommand=x/app",
  "two refs": "https://example.com/app.git?ref=a#b",
  "two folders": "https://example.com/app.git?subdir=a#:b",
  "the same key twice": "https://example.com/app.git?ref=a&ref=a",
  "an unknown key": "https://example.com/app.git?rev=a",
  "a key without value": "https://example.com/app.git?ref=",
  "tag and branch": "https://example.com/app.git?tag=a&branch=b",
  "a flag that is neither": "https://example.com/app.git?submodules=maybe",
  "an unknown mtime": "https://example.com/app.git?mtime=now",
};
describe("parseGitAddress refuses", () => {
  for (const [name, text] of Object.entries(bad))
    test(name, () => expect(() => parseGitAddress(text)).toThrow(expect.objectContaining({ code: "git-failed" })));
  test("without telling a password", () => {
    expect(() => parseGitAddress("https://me:s3cret@example.com/app.git?rev=tok3n")).toThrow(/^(?!.*(s3cret|tok3n)).*example\.com/);
  });
});

const redacted: Record<string, { in: string; out: string }> = {
  "user and password": { in: "https://me:secret@example.com/a.git#x", out: "https://example.com/a.git" },
  "a token as user": { in: "https://ghp_abc@github.com/a.git", out: "https://github.com/a.git" },
  "a signed query": { in: "https://example.com/a?sig=abc", out: "https://example.com/a" },
  "scp style keeps its user": { in: "git@github.com:a/b.git", out: "git@github.com:a/b.git" },
};
describe("redactAddress hides", () => {
  for (const [name, c] of Object.entries(redacted)) test(name, () => expect(redactAddress(c.in)).toBe(c.out));
});
