import { join } from "node:path";
import type { Credential, Credentials } from "../../../registry/client/credentials.ts";
import { type AuthFile, credentialIn, hostOfKey, readAuthFile, unreadable } from "./auth-file.ts";
import { helperRunner, type RunHelper } from "./run-helper.ts";

export interface DockerCredentialsDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Default: really runs it. */
  readonly run?: RunHelper;
}

/** What `docker login` without a host writes, and what helpers are asked for. */
const HUB_KEY = "https://index.docker.io/v1/";

/**
 * Credentials as Docker keeps them: `$DOCKER_CONFIG/config.json` or `~/.docker/config.json` with its helpers and store, then
 * Podman's auth.json. The files are read with the first question, and once.
 */
export function dockerCredentials({ env, home, run = helperRunner(env) }: DockerCredentialsDeps): Credentials {
  let files: readonly AuthFile[] | undefined;
  return {
    async for(registry) {
      files ??= pathsOf(env, home).flatMap((path) => readAuthFile(path) ?? []);
      const keys = keysOf(registry);
      for (const file of files) {
        const found = (await helped(file, keys, run)) ?? credentialIn(file, keys);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function pathsOf(env: DockerCredentialsDeps["env"], home: string): string[] {
  const runtime = env.XDG_RUNTIME_DIR;
  const config = env.XDG_CONFIG_HOME || join(home, ".config");
  const podman = env.REGISTRY_AUTH_FILE || (runtime ? join(runtime, "containers/auth.json") : undefined);
  return [join(env.DOCKER_CONFIG || join(home, ".docker"), "config.json"), ...(podman === undefined ? [] : [podman]), join(config, "containers/auth.json")];
}

/** The keys under which a registry may be found, the one that Docker writes first. */
function keysOf(registry: string): readonly [string, ...string[]] {
  if (registry === "docker.io") return [HUB_KEY, "index.docker.io", "docker.io", "registry-1.docker.io"];
  return [registry, `https://${registry}`, `http://${registry}`];
}

async function helped(file: AuthFile, keys: readonly [string, ...string[]], run: RunHelper): Promise<Credential | undefined> {
  const hosts = new Set(keys.map(hostOfKey));
  const own =
    Object.entries(file.credHelpers).find(([key]) => keys.includes(key)) ?? Object.entries(file.credHelpers).find(([key]) => hosts.has(hostOfKey(key)));
  const name = own === undefined ? file.credsStore : own[1];
  if (name === undefined || name === "") return undefined;
  const field = own === undefined ? "credsStore" : "credHelpers";
  // The name becomes that of a program: nothing that leads elsewhere.
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw unreadable(
      file.path,
      `"${field}" of "${file.path}" names a helper that cannot be one`,
      `a helper's name is what follows "docker-credential-", such as "pass"`,
    );
  return ask(file, `docker-credential-${name}`, field, keys[0], run);
}

/** @see https://github.com/docker/docker-credential-helpers (the protocol: the server on stdin, JSON on stdout, failures on stdout) */
async function ask(file: AuthFile, program: string, field: string, server: string, run: RunHelper): Promise<Credential | undefined> {
  const result = await run(program, ["get"], server);
  const mend = `or take it out of "${field}" in "${file.path}" and run docker login again`;
  if (result === "missing") throw unreadable(file.path, `the credential helper "${program}" is not in PATH`, `install ${program}, ${mend}`);
  if (result === "timeout")
    throw unreadable(file.path, `the credential helper "${program}" did not answer in time`, `try "echo ${server} | ${program} get" by hand, ${mend}`);
  if (result.exitCode !== 0) {
    const words = `${result.stdout} ${result.stderr}`;
    if (/credentials not found|not found in (?:native )?keychain|no credentials server URL/i.test(words)) return undefined;
    // A helper's words may hold anything, so only what is no secret by its kind is told: that it failed.
    throw unreadable(
      file.path,
      `the credential helper "${program}" failed for "${server}" with exit code ${result.exitCode}`,
      `try "echo ${server} | ${program} get" by hand, ${mend}`,
    );
  }
  const answer = answerOf(result.stdout);
  if (answer === undefined)
    throw unreadable(file.path, `the credential helper "${program}" gave no JSON with Username and Secret for "${server}"`, `update ${program}, ${mend}`);
  if (answer.secret === "") return undefined;
  // What helpers store in a user's place for a refresh token.
  return answer.username === "<token>" ? { identityToken: answer.secret } : { username: answer.username, password: answer.secret };
}

function answerOf(stdout: string): { readonly username: string; readonly secret: string } | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(stdout) as Record<string, unknown>;
    return typeof username === "string" && typeof secret === "string" ? { username, secret } : undefined;
  } catch {
    return undefined;
  }
}
