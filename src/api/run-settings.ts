import { resolve } from "node:path";
import { dockerProxies } from "../adapters/node/docker-config/proxies.ts";
import { checkSecretFile, checkSecretSize, readSecretFile } from "../adapters/node/secret-source.ts";
import { type KeyAgent, startKeyAgent } from "../adapters/node/ssh/key-agent.ts";
import { isSocket, readKeyFile } from "../adapters/node/ssh/key-file.ts";
import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import type { RunSettings } from "../engine/run-settings.ts";
import { parseBuildArgs } from "./flags.ts";
import {
  parseAgents,
  parseEntitlements,
  parseHosts,
  parseNetwork,
  parseSecrets,
  parseShmSize,
  parseUlimits,
  proxyVariables,
  type SecretSpec,
} from "./run-flags.ts";

type RunWorld = Pick<World, "env" | "cwd" | "home">;

/** What the command line gives to RUN steps, in its words. */
export interface RunRequest {
  /** `id=NAME[,src=FILE|,env=VARIABLE]`. */
  readonly secrets?: readonly string[] | undefined;
  /** `default|ID[=SOCKET|KEY[,KEY]]`. */
  readonly ssh?: readonly string[] | undefined;
  /** `network.host`. */
  readonly allow?: readonly string[] | undefined;
  /** `NAME:IP`. */
  readonly addHosts?: readonly string[] | undefined;
  readonly shmSize?: string | undefined;
  /** `TYPE=SOFT[:HARD]`. */
  readonly ulimits?: readonly string[] | undefined;
  /** `default`, `none` or `host`. */
  readonly network?: string | undefined;
}

/** Settings, and the end of what was started for them. */
export interface OpenRunSettings {
  readonly settings: RunSettings;
  /** What is allowed and hardly meant. */
  readonly notes: readonly string[];
  /** Ends the agents that were started for key files. */
  readonly close: () => Promise<void>;
}

/**
 * Reads what the command line gives to RUN steps. Files are looked at now, and read when a step wants them; once, however many steps there are. Of the build arguments
 * the proxies and BUILDKIT_CACHE_MOUNT_NS are taken.
 * @throws {ProblemError} `usage` | `secret-missing` | `limit-exceeded`
 */
export function runSettings(request: RunRequest & { readonly buildArgs?: readonly string[] | undefined }, world: RunWorld): OpenRunSettings {
  const network = parseNetwork(request.network);
  const hosts = parseHosts(request.addHosts ?? []);
  const ulimits = parseUlimits(request.ulimits ?? []);
  const shmBytes = parseShmSize(request.shmSize);
  const allowed = parseEntitlements(request.allow ?? []);
  const secrets = parseSecrets(request.secrets ?? []);
  const paths = parseAgents(request.ssh ?? []);
  const buildArgs = buildArgsWithProxies(parseBuildArgs(request.buildArgs ?? [], world), world);
  const cacheNamespace = buildArgs.get("BUILDKIT_CACHE_MOUNT_NS");
  const notes: string[] = [];
  const started: Promise<KeyAgent>[] = [];
  return {
    settings: {
      secrets: new Map(secrets.map((secret) => [secret.id, secretReader(secret, world, notes)])),
      agents: new Map([...paths].map(([id, given]) => [id, agentOpener(id, given, world, started)])),
      hosts,
      ulimits,
      ...(shmBytes === undefined ? {} : { shmBytes }),
      // As Buildx: who asks for it on the command line allows it.
      entitlements: network === "host" ? new Set([...allowed, "network.host"]) : allowed,
      network,
      proxies: proxyVariables(buildArgs),
      ...(cacheNamespace ? { cacheNamespace } : {}),
    },
    notes,
    close: async () => {
      for (const agent of await Promise.allSettled(started)) if (agent.status === "fulfilled") await agent.value.close();
    },
  };
}

/** Build arguments, and the proxies of Docker's configuration as further ones, where none of that name is among them in any case. */
export function buildArgsWithProxies(buildArgs: ReadonlyMap<string, string>, { env, home }: Pick<World, "env" | "home">): ReadonlyMap<string, string> {
  const names = new Set([...buildArgs.keys()].map((name) => name.toUpperCase()));
  return new Map([...buildArgs, ...[...dockerProxies(env, home)].filter(([name]) => !names.has(name))]);
}

function secretReader({ id, file, env }: SecretSpec, world: RunWorld, notes: string[]): () => Promise<Uint8Array> {
  const variable = env ?? (file === undefined && world.env[id] !== undefined ? id : undefined);
  const path = variable !== undefined && file === undefined ? undefined : resolve(world.cwd, file ?? id);
  if (path !== undefined) checkSecretFile(id, path);
  if (variable === undefined) return once(() => readSecretFile(id, path as string));
  if (!world.env[variable]) notes.push(`the secret "${id}" is empty: the environment has no variable ${variable}`);
  const value = Buffer.from(world.env[variable] ?? "");
  checkSecretSize(id, value.byteLength);
  return () => Promise.resolve(value);
}

function agentOpener(id: string, given: readonly string[], world: RunWorld, started: Promise<KeyAgent>[]): () => Promise<string> {
  const flag = `--ssh ${id}`;
  const fromEnvironment = world.env.SSH_AUTH_SOCK;
  if (given.length === 0 && !fromEnvironment)
    throw new ProblemError("secret-missing", {
      message: `${flag} asks for the SSH agent of SSH_AUTH_SOCK, which is not set`,
      hint: `start an agent (eval $(ssh-agent); ssh-add), or name a key: --ssh ${id}=FILE`,
    });
  const paths = (given.length === 0 ? [fromEnvironment as string] : given).map((path) => resolve(world.cwd, path));
  const sockets = paths.filter((path) => isSocket(path, flag));
  const [socket] = sockets;
  if (socket !== undefined && paths.length > 1)
    throw new ProblemError("usage", {
      message: `${flag} names the socket "${socket}" and more`,
      hint: "name one socket, or keys alone; another agent gets another id",
    });
  if (socket !== undefined) return () => Promise.resolve(socket);
  const keys = paths.map((path) => ({ path, content: readKeyFile(path, flag) }));
  return once(async () => {
    const agent = startKeyAgent(keys, world.env);
    started.push(agent);
    return (await agent).socket;
  });
}

/** The first call decides for all. */
function once<T>(act: () => T | Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () => {
    outcome ??= (async () => act())();
    return outcome;
  };
}
