import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_SECRET_BYTES } from "../adapters/node/secret-source.ts";
import { isProblem } from "../core/problem.ts";
import { buildArgsWithProxies, runSettings } from "./run-settings.ts";

let cwd: string;
let agent: Server;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "multihull-settings-"));
  agent = createServer();
  await new Promise<void>((done) => agent.listen(join(cwd, "agent"), done));
});
afterEach(() => {
  agent.close();
  rmSync(cwd, { recursive: true });
});

type Request = Parameters<typeof runSettings>[0];
const read = (request: Request, env: Record<string, string> = {}) => runSettings(request, { cwd, home: cwd, env });
const failureOf = async (act: () => unknown): Promise<string> => {
  try {
    await act();
  } catch (error) {
    if (isProblem(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
};

describe("a secret", () => {
  const secret = async (spec: string, env: Record<string, string> = {}): Promise<string> => {
    const [[, content] = [], ...more] = read({ secrets: [spec] }, env).settings.secrets;
    expect(more).toEqual([]);
    return Buffer.from((await content?.()) ?? []).toString("utf8");
  };
  test.each([
    ["from a file beside us", "id=a,src=file", "of the file"],
    ["from a variable", "id=a,env=VAR", "of the variable"],
    ["from a variable rather than from the file, when both are told", "id=a,src=file,env=VAR", "of the variable"],
    ["from the variable of its name", "id=VAR", "of the variable"],
    ["from the file of its name", "id=file", "of the file"],
    ["from a variable that is not there is empty", "id=a,env=NONE", ""],
  ])("%s", async (_, spec, wanted) => {
    writeFileSync(join(cwd, "file"), "of the file");
    expect(await secret(spec, { VAR: "of the variable" })).toBe(wanted);
  });

  test("from a variable that is not there is told of", () => {
    expect(read({ secrets: ["id=a,env=NONE"] }).notes).toEqual(['the secret "a" is empty: the environment has no variable NONE']);
  });

  test("is read when it is wanted, once", async () => {
    writeFileSync(join(cwd, "file"), "early");
    const { secrets } = read({ secrets: ["id=a,src=file"] }).settings;
    writeFileSync(join(cwd, "file"), "wanted");
    await secrets.get("a")?.();
    writeFileSync(join(cwd, "file"), "late");
    expect(Buffer.from((await secrets.get("a")?.()) ?? []).toString("utf8")).toBe("wanted");
  });

  test.each([
    ["is not there", "id=a,src=none", 'secret-missing: the secret "a" is to come from "none", which does not exist'],
    ["has no name that is anything", "id=none", 'secret-missing: the secret "none" is to come from "none", which does not exist'],
    ["is a folder", "id=a,src=folder", 'secret-missing: the secret "a" is to come from "folder", which is a folder'],
    ["is too large", "id=a,src=large", `limit-exceeded: the secret "a" has more than ${MAX_SECRET_BYTES} bytes, the most that BuildKit takes`],
  ])("whose source %s is a problem at once", async (_, spec, problem) => {
    mkdirSync(join(cwd, "folder"));
    writeFileSync(join(cwd, "large"), Buffer.alloc(MAX_SECRET_BYTES + 1));
    expect((await failureOf(() => read({ secrets: [spec] }))).replace(`${cwd}/`, "")).toBe(problem);
  });

  test("may have the most that there can be, and no more when it is read", async () => {
    writeFileSync(join(cwd, "large"), Buffer.alloc(MAX_SECRET_BYTES));
    const { secrets } = read({ secrets: ["id=a,src=large"] }).settings;
    const [other] = [read({ secrets: ["id=a,src=large"] }).settings.secrets];
    expect((await secrets.get("a")?.())?.byteLength).toBe(MAX_SECRET_BYTES);
    writeFileSync(join(cwd, "large"), Buffer.alloc(MAX_SECRET_BYTES + 1));
    expect(await failureOf(() => other?.get("a")?.())).toMatch(/^limit-exceeded: /);
  });
});

describe("an agent", () => {
  test.each([
    ["of the environment", "default", "default"],
    ["by its socket", "a=agent", "a"],
    ["of the environment, under a name", "b=", "b"],
  ])("%s", async (_, spec, id) => {
    const { settings, close } = read({ ssh: [spec] }, { SSH_AUTH_SOCK: join(cwd, "agent") });
    expect(await settings.agents.get(id)?.()).toBe(join(cwd, "agent"));
    await close();
  });
  test.each([
    ["without a socket in the environment", "default", "secret-missing: --ssh default asks for the SSH agent of SSH_AUTH_SOCK, which is not set"],
    ["that is not there", "a=none", 'secret-missing: --ssh a: there is no "none"'],
    ["that is neither", "a=text", 'secret-missing: --ssh a: "text" is neither a socket nor a private key'],
    ["that is both", "a=agent,text", 'usage: --ssh a names the socket "agent" and more'],
  ])("%s is a problem at once", async (_, spec, problem) => {
    writeFileSync(join(cwd, "text"), "text");
    expect((await failureOf(() => read({ ssh: [spec] }))).replaceAll(`${cwd}/`, "")).toBe(problem);
  });
});

describe("proxies of Docker's configuration", () => {
  const configured = (config: unknown, args: Record<string, string> = {}, env: Record<string, string> = {}): unknown => {
    writeFileSync(join(cwd, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
    return Object.fromEntries(buildArgsWithProxies(new Map(Object.entries(args)), { env: { DOCKER_CONFIG: cwd, ...env }, home: cwd }));
  };
  const proxies = { default: { httpProxy: "d", noProxy: "n" }, "tcp://x": { httpsProxy: "x" }, "unix:///var/run/docker.sock": undefined };
  test.each([
    ["are build arguments", { proxies }, {}, {}, { HTTP_PROXY: "d", NO_PROXY: "n" }],
    ["of the daemon come before those for all", { proxies }, {}, { DOCKER_HOST: "tcp://x" }, { HTTPS_PROXY: "x" }],
    ["give way to a build argument in any case", { proxies }, { http_proxy: "own" }, {}, { http_proxy: "own", NO_PROXY: "n" }],
    ["are none in a configuration without", {}, {}, {}, {}],
    ["are none in one that is damaged", "{", {}, {}, {}],
    ["are none when they are no texts", { proxies: { default: { httpProxy: 1, noProxy: "" } } }, {}, {}, {}],
  ])("%s", (_, config, args, env, wanted) => expect(configured(config, args, env)).toEqual(wanted));
});

test("all other flags have their place", () => {
  const { settings } = read(
    {
      allow: ["security.insecure"],
      network: "host",
      addHosts: ["h:1.1.1.1"],
      shmSize: "1k",
      ulimits: ["cpu=1"],
      buildArgs: ["http_proxy", "BUILDKIT_CACHE_MOUNT_NS=ci"],
    },
    { http_proxy: "p" },
  );
  expect({ ...settings, entitlements: [...settings.entitlements] }).toMatchObject({
    // Who asks for it on the command line allows it.
    entitlements: ["security.insecure", "network.host"],
    network: "host",
    hosts: [{ name: "h", address: "1.1.1.1" }],
    shmBytes: 1024,
    ulimits: [{ name: "cpu", soft: 1, hard: 1 }],
    proxies: ["HTTP_PROXY=p", "http_proxy=p"],
    cacheNamespace: "ci",
  });
});
