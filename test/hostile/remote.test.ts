import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../src/core/digest.ts";
import { type Answer, hostileServer, type LocalServer } from "../harness/hostile-server.ts";
import { buildHere, problemOf, temporaryFolder } from "./evil-registry.ts";

async function server(answer: Answer): Promise<LocalServer> {
  const made = await hostileServer(answer);
  onTestFinished(() => made.close());
  return made;
}

async function adding(instruction: string): Promise<{ readonly out: string; readonly store: string }> {
  const out = join(temporaryFolder(), "out");
  const store = temporaryFolder();
  await buildHere({ dockerfile: `FROM scratch\n${instruction}\n`, outputs: [`type=local,dest=${out}`], store });
  return { out, store };
}

describe("ADD of an address", () => {
  test.each(["file:///etc/passwd", "unix:///var/run/docker.sock", "http+unix://%2fvar%2frun%2fdocker.sock/info", "gopher://127.0.0.1/"])(
    "a redirect to %s is refused",
    async (location) => {
      const { url } = await server((_, response) => void response.writeHead(302, { location }).end());
      const problem = await problemOf(adding(`ADD ${url}/f /f`));
      expect(problem.code).toBe("download-failed");
      expect(problem.message).toContain("only http and https are fetched");
    },
  );

  test("user and password of the address reach its own origin and no other", async () => {
    const sent: string[] = [];
    const other = await server((request, response) => {
      sent.push(`other ${request.headers.authorization ?? "-"}`);
      response.end("content");
    });
    const first = await server((request, response) => {
      sent.push(`first ${request.headers.authorization ?? "-"}`);
      response.writeHead(302, { location: `${other.url}/f` }).end();
    });
    const { out } = await adding(`ADD http://me:geheim@${first.host}/f /f`);
    expect(sent).toEqual([`first Basic ${Buffer.from("me:geheim").toString("base64")}`, "other -"]);
    expect(readFileSync(join(out, "f"), "utf8")).toBe("content");
  });

  test("a percent sign in a password that begins no escape is no bug", async () => {
    const { host } = await server((request, response) => void response.end(request.headers.authorization));
    const { out } = await adding(`ADD http://me:100%25%zz@${host}/f /f`);
    expect(readFileSync(join(out, "f"), "utf8")).toBe(`Basic ${Buffer.from("me:100%25%zz").toString("base64")}`);
  });

  test("content that says it is too large is not brought", async () => {
    const { url, seen } = await server((_, response) => void response.writeHead(200, { "content-length": 64 * 1024 ** 3 }).write("x"));
    expect((await problemOf(adding(`ADD ${url}/f /f`))).code).toBe("limit-exceeded");
    expect(seen).toHaveLength(1);
  });

  test("another checksum than the one named is refused, and the right one taken", async () => {
    const { url } = await server((_, response) => void response.end("content"));
    const problem = await problemOf(adding(`ADD --checksum=${digestOf("wanted")} ${url}/f /f`));
    expect(problem.code).toBe("checksum-mismatch");
    const { out, store } = await adding(`ADD --checksum=${digestOf("content")} ${url}/f /f`);
    expect(readFileSync(join(out, "f"), "utf8")).toBe("content");
    expect(readdirSync(join(store, "work"))).toEqual([]);
  });

  test.each(["/a/..", "/", "/..%2f..%2fx", "/%2e%2e", "/.."])("a path from which no safe name can be taken (%s) writes nothing outside", async (path) => {
    const { url } = await server((_, response) => void response.end("content"));
    const root = temporaryFolder();
    const out = join(root, "out");
    const act = buildHere({ dockerfile: `FROM scratch\nADD ${url}${path} /d/\n`, outputs: [`type=local,dest=${out}`] });
    await act.catch((error: unknown) => problemOf(Promise.reject(error)));
    expect(readdirSync(root).filter((name) => name !== "out")).toEqual([]);
    expect(existsSync(out) ? readdirSync(out).filter((name) => name !== "d") : []).toEqual([]);
  });
});

describe("git addresses that would run something", () => {
  test.each([
    "ext::sh -c touch% /tmp/multihull-owned",
    "--upload-pack=touch${IFS}/tmp/multihull-owned",
    "ssh://-oProxyCommand=touch${IFS}/tmp/multihull-owned/r.git",
    "git@-oProxyCommand=x:r.git",
    "https://h.example/r.git#--upload-pack=touch",
    "file:///etc",
  ])("as a context: %s", async (context) => {
    const problem = await problemOf(buildHere({ dockerfile: "FROM scratch\nCOPY . /\n", context }));
    expect(problem.code).toMatch(/^(?:git-failed|usage|context-unreadable)$/);
    expect(existsSync("/tmp/multihull-owned")).toBe(false);
  });

  test.each(["ssh://-oProxyCommand=touch/r.git", "https://h.example/r.git#--upload-pack=touch", "git@-oProxyCommand=x:r.git"])(
    "as a source of ADD: %s",
    async (address) => {
      const problem = await problemOf(adding(`ADD ${address} /x`));
      expect(problem.code).toMatch(/^(?:git-failed|dockerfile-semantics|source-missing)$/);
    },
  );
});
