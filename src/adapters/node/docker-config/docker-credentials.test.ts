import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dockerCredentials } from "./docker-credentials.ts";
import { helperRunner, type RunHelper } from "./run-helper.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "multihull-credentials-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: unknown): void {
  const file = join(home, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}
const base64 = (text: string): string => Buffer.from(text).toString("base64");
/** Knows the helpers that are laid out, by program and server; any other call is a failure of the test. */
const helpers =
  (known: Record<string, unknown>): RunHelper =>
  async (program, args, input) => {
    const key = `${program} ${args.join(" ")} < ${input}`;
    if (!Object.hasOwn(known, key)) throw new Error(`nothing is laid out for ${key}`);
    const answer = known[key];
    return typeof answer === "string" ? (answer as "missing") : (answer as Awaited<ReturnType<RunHelper>>);
  };
const says = (stdout: string, exitCode = 0) => ({ exitCode, stdout, stderr: "" });
const user = { username: "u", password: "p:w" };
const auth = base64("u:p:w");
const HUB = "https://index.docker.io/v1/";

describe("the credential for a registry", () => {
  const cases: Record<string, { config?: unknown; registry?: string; run?: RunHelper; wanted: unknown }> = {
    "without a file": { wanted: undefined },
    "in an empty file": { config: "", wanted: undefined },
    "of another registry": { config: { auths: { "other.test": { auth } } }, wanted: undefined },
    "by its host": { config: { auths: { "reg.test": { auth } } }, wanted: user },
    "by its address": { config: { auths: { "https://reg.test/v1/": { auth } } }, wanted: user },
    "by its address over http": { config: { auths: { "http://reg.test": { auth } } }, wanted: user },
    "by its host with a port": {
      config: { auths: { "reg.test": { auth: base64("x:y") }, "reg.test:5000": { auth } } },
      registry: "reg.test:5000",
      wanted: user,
    },
    "the exact key first": { config: { auths: { "https://reg.test/v2/": { auth: base64("x:y") }, "reg.test": { auth } } }, wanted: user },
    "of Docker Hub": { config: { auths: { [HUB]: { auth } } }, registry: "docker.io", wanted: user },
    "of Docker Hub, by its name": { config: { auths: { "docker.io": { auth } } }, registry: "docker.io", wanted: user },
    "with NULs behind": { config: { auths: { "reg.test": { auth: base64("u:p:w\0\0") } } }, wanted: user },
    "in plain fields": { config: { auths: { "reg.test": { username: "u", password: "p:w" } } }, wanted: user },
    "that is a refresh token": { config: { auths: { "reg.test": { auth: base64("u:"), identitytoken: "r" } } }, wanted: { identityToken: "r" } },
    "that is the registry's own token": { config: { auths: { "reg.test": { registrytoken: "t" } } }, wanted: { registryToken: "t" } },
    "that is an empty entry": { config: { auths: { "reg.test": {} } }, wanted: undefined },
    "by the store": {
      config: { credsStore: "s", auths: { "reg.test": {} } },
      run: helpers({ "docker-credential-s get < reg.test": says('{"ServerURL":"reg.test","Username":"u","Secret":"p:w"}') }),
      wanted: user,
    },
    "of Docker Hub, by the store": {
      config: { credsStore: "s" },
      registry: "docker.io",
      run: helpers({ [`docker-credential-s get < ${HUB}`]: says('{"Username":"u","Secret":"p:w"}') }),
      wanted: user,
    },
    "by its helper, before the store": {
      config: { credsStore: "s", credHelpers: { "reg.test": "h" } },
      run: helpers({ "docker-credential-h get < reg.test": says('{"Username":"<token>","Secret":"r"}') }),
      wanted: { identityToken: "r" },
    },
    "that the store has not": {
      config: { credsStore: "s" },
      run: helpers({ "docker-credential-s get < reg.test": says("credentials not found in native keychain\n", 1) }),
      wanted: undefined,
    },
    "that the store has not, and the file has": {
      config: { credsStore: "s", auths: { "reg.test": { auth } } },
      run: helpers({ "docker-credential-s get < reg.test": says("credentials not found in native keychain", 1) }),
      wanted: user,
    },
    "that the store has with nothing in it": {
      config: { credsStore: "s" },
      run: helpers({ "docker-credential-s get < reg.test": says('{"Username":"","Secret":""}') }),
      wanted: undefined,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { config, registry = "reg.test", run = helpers({}), wanted }) => {
    if (config !== undefined) write(".docker/config.json", config);
    expect(await dockerCredentials({ env: {}, home, run }).for(registry)).toEqual(wanted);
  });
});

describe("the file", () => {
  const found = (env: Record<string, string>) => dockerCredentials({ env, home, run: helpers({}) }).for("reg.test");
  test("is in $DOCKER_CONFIG where that is set", async () => {
    write(".docker/config.json", { auths: { "reg.test": { auth: base64("x:y") } } });
    write("elsewhere/config.json", { auths: { "reg.test": { auth } } });
    expect(await found({ DOCKER_CONFIG: join(home, "elsewhere") })).toEqual(user);
  });
  test.each([
    ["REGISTRY_AUTH_FILE", "auth.json", (dir: string) => ({ REGISTRY_AUTH_FILE: join(dir, "auth.json") })],
    ["XDG_RUNTIME_DIR", "run/containers/auth.json", (dir: string) => ({ XDG_RUNTIME_DIR: join(dir, "run") })],
    ["the home", ".config/containers/auth.json", () => ({})],
  ])("may be Podman's: %s", async (_, path, env) => {
    write(".docker/config.json", { auths: {} });
    write(path, { auths: { "reg.test": { auth } } });
    expect(await found(env(home))).toEqual(user);
  });
});

describe("what cannot be read is told, without what stands in it", () => {
  const secret = "hushhush";
  const ask = (answer: unknown) => helpers({ "docker-credential-s get < reg.test": answer });
  const cases: Record<string, { config: unknown; run?: RunHelper; says: RegExp; hint: RegExp }> = {
    "no JSON": { config: `{"auths":{"reg.test":{"auth":"${secret}`, says: /config\.json" is not JSON$/, hint: /docker login/ },
    "a list": { config: `["${secret}"]`, says: /holds no JSON object$/, hint: /docker login/ },
    "auths that are none": { config: { auths: secret }, says: /"auths" of ".*" is no JSON object$/, hint: /docker login/ },
    "no base64": {
      config: { auths: { "reg.test": { auth: `!${secret}` } } },
      says: /entry for "reg\.test" that is not a user and password/,
      hint: /docker login reg\.test/,
    },
    "no user": { config: { auths: { "reg.test": { auth: base64(secret) } } }, says: /not a user and password/, hint: /docker login reg\.test/ },
    "a helper that is not there": {
      config: { credsStore: "s" },
      run: ask("missing"),
      says: /"docker-credential-s" is not in PATH$/,
      hint: /install docker-credential-s, or take it out of "credsStore"/,
    },
    "a helper that hangs": { config: { credsStore: "s" }, run: ask("timeout"), says: /did not answer in time/, hint: /by hand/ },
    "a helper that fails": {
      config: { credsStore: "s" },
      run: ask(says(`boom ${secret}`, 3)),
      says: /failed for "reg\.test" with exit code 3$/,
      hint: /by hand/,
    },
    "a helper that gives no JSON": { config: { credsStore: "s" }, run: ask(says(secret)), says: /gave no JSON/, hint: /update/ },
    "a helper by a path": { config: { credsStore: "../../bin/sh" }, says: /names a helper that cannot be one/, hint: /docker-credential-/ },
    "a helper that is no name": { config: { credHelpers: { "reg.test": 7 } }, says: /"credHelpers" of .* names a helper/, hint: /docker-credential-/ },
  };
  test.each(Object.entries(cases))("%s", async (_, { config, run = helpers({}), says: words, hint }) => {
    write(".docker/config.json", config);
    const error = await dockerCredentials({ env: {}, home, run })
      .for("reg.test")
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "credentials-unreadable", message: expect.stringMatching(words), hint: expect.stringMatching(hint) });
    expect(`${(error as Error).message} ${(error as { hint?: string }).hint} ${JSON.stringify((error as { facts?: unknown }).facts)}`).not.toContain(secret);
  });
});

describe("helpers really run", () => {
  const script = (body: string): Record<string, string> => {
    write("bin/docker-credential-real", `#!/bin/sh\n${body}\n`);
    chmodSync(join(home, "bin/docker-credential-real"), 0o755);
    return { PATH: `${join(home, "bin")}:${process.env.PATH}`, SEEN: "yes" };
  };
  test("with the server on their standard input, and the environment", async () => {
    const env = script('read -r server; printf \'{"Username":"%s-%s","Secret":"%s"}\' "$1" "$SEEN" "$server"');
    write(".docker/config.json", { credsStore: "real" });
    expect(await dockerCredentials({ env, home }).for("reg.test")).toEqual({ username: "get-yes", password: "reg.test" });
  });
  test("or are missing", async () => {
    write(".docker/config.json", { credsStore: "really-not-there" });
    await expect(dockerCredentials({ env: { PATH: "/usr/bin:/bin" }, home }).for("reg.test")).rejects.toMatchObject({
      code: "credentials-unreadable",
      message: expect.stringMatching(/is not in PATH/),
    });
  });
  test("but not for ever", async () => {
    expect(await helperRunner(script("exec sleep 60"), 50)("docker-credential-real", ["get"], "x")).toBe("timeout");
  });
});
