import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GitAddress, parseGitAddress, redactAddress, withoutSecrets } from "./git-address.ts";
import { isProblem } from "./problem.ts";

const CONTEXT = { shorthand: true, code: "git-failed" } as const;
const ADD = { shorthand: false, code: "dockerfile-semantics" } as const;
const good: Record<string, { in: string; out: GitAddress | undefined }> = {
  "https with .git": { in: "https://example.com/org/app.git", out: { remote: "https://example.com/org/app.git" } },
  "a branch": { in: "https://example.com/app.git#main", out: { remote: "https://example.com/app.git", ref: "main" } },
  "a branch with slashes and a folder": {
    in: "https://example.com/app.git#feature/x:docker/image",
    out: { remote: "https://example.com/app.git", ref: "feature/x", subdirectory: "docker/image" },
  },
  "a folder of the default branch": { in: "https://example.com/app.git#:sub/", out: { remote: "https://example.com/app.git", subdirectory: "sub" } },
  "a folder that would lead out stays inside": {
    in: "https://example.com/app.git#:../../etc",
    out: { remote: "https://example.com/app.git", subdirectory: "etc" },
  },
  "an empty fragment": { in: "https://example.com/app.git#", out: { remote: "https://example.com/app.git" } },
  "plain http": { in: "http://example.com/app.git", out: { remote: "http://example.com/app.git" } },
  "git://": { in: "git://example.com/app", out: { remote: "git://example.com/app" } },
  "ssh:// with user and port": { in: "ssh://git@example.com:2222/org/app#v1", out: { remote: "ssh://git@example.com:2222/org/app", ref: "v1" } },
  "scp style": { in: "git@github.com:org/app.git#v1:sub", out: { remote: "git@github.com:org/app.git", ref: "v1", subdirectory: "sub" } },
  "scp style with any user and a query": { in: "me@host.example:app?ref=v1", out: { remote: "me@host.example:app", ref: "v1" } },
  "github.com without a scheme": { in: "github.com/org/app#v1", out: { remote: "https://github.com/org/app", ref: "v1" } },
  "a query": {
    in: "https://example.com/app.git?ref=v1&subdir=a/b&checksum=0123abcd&keep-git-dir=true&submodules=false&mtime=commit",
    out: { remote: "https://example.com/app.git", ref: "v1", subdirectory: "a/b", checksum: "0123abcd", keepGitDir: true, submodules: false, mtime: "commit" },
  },
  "flags without a value": { in: "https://example.com/app.git?keep-git-dir&submodules=", out: { remote: "https://example.com/app.git", keepGitDir: true } },
  "a tag and a branch by query": { in: "https://example.com/app.git?tag=v1", out: { remote: "https://example.com/app.git", ref: "refs/tags/v1" } },
  "a branch by query": { in: "https://example.com/app.git?branch=main", out: { remote: "https://example.com/app.git", ref: "refs/heads/main" } },
  "query and fragment that agree": { in: "https://example.com/app.git?ref=v1#v1", out: { remote: "https://example.com/app.git", ref: "v1" } },
  "a commit by query": { in: "https://h.example/r.git?commit=abc", out: { remote: "https://h.example/r.git", checksum: "abc" } },
  "a folder with detours": { in: "https://h.example/r.git#v1:/a/../b//c/", out: { remote: "https://h.example/r.git", ref: "v1", subdirectory: "b/c" } },
  "a full branch by query": { in: "https://h.example/r.git?branch=refs/heads/b", out: { remote: "https://h.example/r.git", ref: "refs/heads/b" } },
  "flags that say no": {
    in: "https://h.example/r.git?keep-git-dir=0&submodules=F",
    out: { remote: "https://h.example/r.git", keepGitDir: false, submodules: false },
  },
  nothing: { in: "", out: undefined },
  "a scheme alone": { in: "https://", out: undefined },
  "a slash behind .git is a download": { in: "https://h.example/r.git/", out: undefined },
  "a relative scp look-alike": { in: "../git@h:x", out: undefined },
  "http without .git is a download": { in: "https://example.com/app.tar.gz", out: undefined },
  "http with .git elsewhere is a download": { in: "https://example.com/app.git/archive.tar", out: undefined },
  "a folder": { in: "src/app", out: undefined },
  "a folder that looks like github": { in: "./github.com/org/app", out: undefined },
  "a windows-like path": { in: "C:\\app", out: undefined },
  "another scheme": { in: "ext::sh -c whoami", out: undefined },
  "file://": { in: "file:///srv/app.git", out: undefined },
};
describe("parseGitAddress reads", () => {
  for (const [name, c] of Object.entries(good)) test(name, () => expect(parseGitAddress(c.in, CONTEXT)).toEqual(c.out));
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
    test(name, () => expect(() => parseGitAddress(text, CONTEXT)).toThrow(expect.objectContaining({ code: "git-failed" })));
  test("without telling a password", () => {
    expect(() => parseGitAddress("https://me:s3cret@example.com/app.git?rev=tok3n", CONTEXT)).toThrow(/^(?!.*(s3cret|tok3n)).*example\.com/);
  });
});

const redacted: Record<string, { in: string; out: string }> = {
  "user and password": { in: "https://me:secret@example.com/a.git#x", out: "https://example.com/a.git" },
  "a password with an @": { in: "https://me:p@ss@example.com/a.git", out: "https://example.com/a.git" },
  "a token as user": { in: "https://ghp_abc@github.com/a.git", out: "https://github.com/a.git" },
  "a signed query": { in: "https://example.com/a?sig=abc", out: "https://example.com/a" },
  "scp style keeps its user": { in: "git@github.com:a/b.git", out: "git@github.com:a/b.git" },
};
describe("redactAddress hides", () => {
  for (const [name, c] of Object.entries(redacted)) test(name, () => expect(redactAddress(c.in)).toBe(c.out));
});

test("to ADD, github.com/ORG/REPO is a path", () => {
  expect(parseGitAddress("github.com/org/app", ADD)).toBeUndefined();
});

describe("any text", () => {
  test("is an address, none, or a problem", () => {
    const text = fc.oneof(
      fc.string(),
      fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => url.replace(/(?=[?#]|$)/, ".git")),
    );
    fc.assert(
      fc.property(text, (one) => {
        try {
          const found = parseGitAddress(one, ADD);
          return found === undefined || (!found.remote.includes("#") && !found.remote.includes("?"));
        } catch (error) {
          return isProblem(error, "dockerfile-semantics");
        }
      }),
    );
  });
});

test.each([
  ["ADD https://me:pw@h.example/f /d", "ADD https://h.example/f /d"],
  ["https://token@h/a ssh://git@h/b", "https://h/a ssh://h/b"],
  ["ADD https://me:p@ss@h.example/f /d", "ADD https://h.example/f /d"],
  ["ADD https://h.example/f?X-Sig=abc&n=1 /d?e", "ADD https://h.example/f?X-Sig=…&n=… /d?e"],
  ["ADD https://h.example/f?tokentoken /d", "ADD https://h.example/f?… /d"],
  ["ADD https://h.example/r.git?ref=v1&subdir=x#y /d", "ADD https://h.example/r.git?ref=v1&subdir=x#y /d"],
  ["COPY a@b /x", "COPY a@b /x"],
])("secrets are taken out of %s", (text, wanted) => {
  expect(withoutSecrets(text)).toBe(wanted);
});
