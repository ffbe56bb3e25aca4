import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { tarOf } from "../harness/built-result.ts";
import { hostileServer, smallProxy } from "../harness/hostile-server.ts";
import { multihull, type Ran, startRegistry, temporaryFolder } from "../harness/multihull.ts";
import { someOf } from "../harness/some-of.ts";
import { evilRegistry } from "./evil-registry.ts";

const SECRET = "geheim-4711";

/** Everything in a folder, names and contents. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => `${join(entry.parentPath, entry.name)}\n${entry.isFile() ? readFileSync(join(entry.parentPath, entry.name), "latin1") : ""}`)
    .join("\n");
}

const ENCODED = [SECRET, encodeURIComponent(SECRET), Buffer.from(`me:${SECRET}`).toString("base64"), Buffer.from(SECRET).toString("base64")];

function withoutSecret(what: string, text: string): void {
  for (const form of ENCODED) expect(text.includes(form), `${what} holds ${form}:\n${text.slice(0, 3000)}`).toBe(false);
}

interface Given {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a build in each progress mode, and looks for the secret in all that it printed and left: output, metadata, store and layout. */
async function secretless({ context = temporaryFolder(), dockerfile, more = [], env = {} }: Given): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const progress of someOf(["plain", "json", "tty", "quiet"], 2)) {
    const [store, out] = [temporaryFolder(), temporaryFolder()];
    const args = ["build", "--store", store, "--platform", "linux/amd64", "--progress", progress, "--metadata-file", join(out, "metadata.json")];
    const from = dockerfile === undefined ? [] : ["-f", "-"];
    const one = await multihull([...args, ...from, "-o", `type=oci,tar=false,dest=${join(out, "layout")}`, ...more, context], {
      env,
      ...(dockerfile === undefined ? {} : { input: dockerfile }),
    });
    withoutSecret(`stdout (${progress})`, one.stdout);
    withoutSecret(`stderr (${progress})`, one.stderr);
    expect(one.stderr).not.toMatch(/^bug: /m);
    withoutSecret(`the store (${progress})`, everythingIn(store));
    withoutSecret(`the result (${progress})`, everythingIn(out));
    ran.push(one);
  }
  return ran;
}

describe("a secret in an address is in nothing that is printed or left", () => {
  const failing: Readonly<Record<string, Given>> = {
    "a git context": { context: `http://me:${SECRET}@127.0.0.1:1/r.git#main` },
    "a git context, the password with an @": { context: `http://me:x@${SECRET}@127.0.0.1:1/r.git#main` },
    "a git context, a token as the user": { context: `http://${SECRET}@127.0.0.1:1/r.git` },
    "an http context": { context: `http://me:${SECRET}@127.0.0.1:1/c.tar?token=${SECRET}` },
    "a named context": { dockerfile: "FROM scratch\nCOPY --from=n / /\n", more: ["--build-context", `n=http://me:${SECRET}@127.0.0.1:1/c.tar?sig=${SECRET}`] },
    "a named context without a name": { dockerfile: "FROM scratch\n", more: ["--build-context", `http://me:${SECRET}@h.example/c.tar`] },
    "ADD of a file": { dockerfile: `FROM scratch\nADD http://me:${SECRET}@127.0.0.1:1/f /f\n` },
    "ADD of git": { dockerfile: `FROM scratch\nADD http://me:${SECRET}@127.0.0.1:1/r.git#v1 /f\n` },
  };
  for (const [name, given] of Object.entries(failing)) {
    test(`${name} that fails`, async () => {
      for (const { status } of await secretless(given)) expect(status).toBeGreaterThan(0);
    });
  }

  test("an http context that is no archive, or lacks what is copied", async () => {
    const server = await hostileServer((_, response) => void response.end("FROM scratch\nCOPY lost /x\n"));
    onTestFinished(() => server.close());
    for (const { status, stderr } of await secretless({ context: `http://me:${SECRET}@${server.host}/Dockerfile?token=${SECRET}` })) {
      expect(status).toBe(1);
      expect(stderr).toContain("lost");
    }
    const named = await secretless({
      dockerfile: "FROM scratch\nCOPY --from=n lost /x\n",
      more: ["--build-context", `n=http://me:${SECRET}@${server.host}/x.tar?token=${SECRET}`],
    });
    for (const { status, stderr } of named) expect(status, stderr).toBe(1);
  });

  test("ADD of a file and an http context that succeed: neither config, history, metadata nor records have it", async () => {
    const server = await hostileServer((request, response) => {
      if (request.headers.authorization === undefined) return void response.writeHead(401).end();
      response.end(request.url?.startsWith("/c.tar") === true ? tarOf([{ path: "Dockerfile", content: "FROM scratch\nCOPY Dockerfile /\n" }]) : "content");
    });
    onTestFinished(() => server.close());
    for (const { status, stderr } of await secretless({ context: `http://me:${SECRET}@${server.host}/c.tar` })) expect(status, stderr).toBe(0);
    const added = await secretless({ dockerfile: `FROM scratch\nADD http://me:${SECRET}@${server.host}/f?sig=${SECRET}&x=1 /f\n` });
    for (const { status, stderr } of added) expect(status, stderr).toBe(0);
  });
});

describe("a registry's credentials are in nothing that is printed or left", () => {
  /** A Docker configuration with a password, or with a helper that says one. */
  function dockerConfig(config: object, helper?: string): { readonly DOCKER_CONFIG: string; readonly PATH: string } {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    if (helper !== undefined) {
      writeFileSync(join(folder, "docker-credential-evil"), `#!/bin/sh\n${helper}\n`);
      chmodSync(join(folder, "docker-credential-evil"), 0o755);
    }
    return { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
  }
  const auths = (host: string): object => ({ auths: { [host]: { auth: Buffer.from(`me:${SECRET}`).toString("base64") } } });

  test("one that refuses, and says what it was sent in its own words", async () => {
    const registry = await evilRegistry();
    registry.instead = (request, response) => {
      const got = request.headers.authorization;
      const message = `you sent ${got}, that is ${Buffer.from(got?.split(" ")[1] ?? "", "base64").toString()}`;
      response
        .writeHead(got === undefined ? 401 : 403, { "www-authenticate": 'Basic realm="x"' })
        .end(JSON.stringify({ errors: [{ code: "DENIED", message }] }));
      return Promise.resolve();
    };
    const env = dockerConfig(auths(registry.host));
    for (const { stderr } of await secretless({ dockerfile: `FROM ${registry.name}\n`, env })) expect(stderr).toMatch(/registry-denied/);
    const inspected = await multihull(["inspect", registry.name], { env });
    withoutSecret("inspect", inspected.stdout + inspected.stderr);
    expect(inspected.stderr).toMatch(/registry-denied/);
  });

  test.each([
    ["fails and prints it", `echo '${SECRET}'; echo 'error: ${SECRET}' >&2; exit 1`],
    ["gives no JSON", `echo 'password=${SECRET}'`],
    ["gives half of it", `echo '{"ServerURL":"x","Username":"me","Secret":"${SECRET}'`],
  ])("a credential helper that %s", async (_, helper) => {
    const registry = await evilRegistry();
    registry.instead = (_, response) => Promise.resolve(void response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end());
    const env = dockerConfig({ credsStore: "evil" }, helper);
    for (const { stderr } of await secretless({ dockerfile: `FROM ${registry.name}\n`, env })) expect(stderr).toMatch(/credentials-unreadable/);
  });

  test("a token server that echoes them", async () => {
    const registry = await evilRegistry();
    registry.instead = (request, response) => {
      if (request.url?.startsWith("/token") === true) {
        response.writeHead(400).end(JSON.stringify({ details: `bad ${request.headers.authorization} for ${SECRET}` }));
      } else response.writeHead(401, { "www-authenticate": `Bearer realm="http://${registry.host}/token",service="s"` }).end();
      return Promise.resolve();
    };
    for (const { status } of await secretless({ dockerfile: `FROM ${registry.name}\n`, env: dockerConfig(auths(registry.host)) })) expect(status).toBe(1);
  });

  test("a push to a registry with users, and an inspect of it", async () => {
    const folder = temporaryFolder();
    const htpasswd = join(folder, "htpasswd");
    // {SHA} of the secret, as `htpasswd -s` writes it.
    const { createHash } = await import("node:crypto");
    writeFileSync(htpasswd, `me:{SHA}${createHash("sha1").update(SECRET).digest("base64")}\n`);
    const registry = await startRegistry(temporaryFolder(), ["--htpasswd", htpasswd]);
    onTestFinished(() => registry.stop());
    const env = dockerConfig(auths(registry.host));
    const ran = await secretless({ dockerfile: "FROM scratch\nLABEL a=b\n", env, more: ["-o", `type=registry,name=${registry.host}/app:v1`] });
    for (const { status, stderr } of ran) expect(status, stderr).toBe(0);
    const inspected = await multihull(["inspect", "--json", `${registry.host}/app:v1`], { env });
    expect(inspected.status).toBe(0);
    withoutSecret("inspect", inspected.stdout + inspected.stderr);
  });

  test("a proxy whose address has a password", async () => {
    const proxy = await smallProxy({}, 407);
    onTestFinished(() => proxy.close());
    for (const address of [proxy.host, "127.0.0.1:1"]) {
      const env = { HTTPS_PROXY: `http://me:${SECRET}@${address}`, HTTP_PROXY: `http://me:${SECRET}@${address}` };
      for (const { status } of await secretless({ dockerfile: "FROM registry.example/app\n", env })) expect(status).toBe(1);
      for (const { status } of await secretless({ dockerfile: "FROM scratch\nADD http://h.example/f /f\n", env })) expect(status).toBe(1);
    }
    const malformed = await multihull(["inspect", "registry.example/app"], { env: { HTTPS_PROXY: `http://me:${SECRET}@[bad` } });
    withoutSecret("a proxy that is no address", malformed.stdout + malformed.stderr);
    expect(malformed.stderr).not.toMatch(/^bug: /m);
  });
});

test("an ARG that is named like a secret stays in history, as with BuildKit, and is warned of by its name alone", async () => {
  const context = temporaryFolder();
  mkdirSync(join(context, "x"));
  const { status, stderr } = await multihull(
    ["build", "--store", temporaryFolder(), "--progress", "plain", "--build-arg", `API_TOKEN=${SECRET}`, "-f", "-", context],
    { input: "FROM scratch\nARG API_TOKEN\nCOPY x /x\n" },
  );
  expect(status).toBe(0);
  expect(stderr).toMatch(/WARNING: .*API_TOKEN/);
  withoutSecret("stderr", stderr);
});
