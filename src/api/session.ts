import { dockerCredentials } from "../adapters/node/docker-config/docker-credentials.ts";
import { openStore, type Store } from "../adapters/node/store/store.ts";
import { nodeTransport } from "../adapters/node/transport/http-transport.ts";
import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import type { RegistryClient } from "../registry/client/client.ts";
import { createRegistryClient } from "../registry/client/create.ts";
import { storeFolder } from "./store-folder.ts";

/** How registries are reached and where state lives: what every command shares. */
export interface SessionOptions {
  /** Folder of the store; default as `storeFolder` says. */
  readonly store?: string | undefined;
  /** Registries (`HOST[:PORT]`) that speak http, or TLS with a certificate that nobody vouches for. Loopback always may. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** `[HOST=]URL`, tried before the registry itself; HOST is docker.io when not told. */
  readonly registryMirrors?: readonly string[] | undefined;
  /** Ends the work before its time; what is thrown then is the signal's reason, or `interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A registry client with the user's credentials, proxies and certificates. */
export function openClient(world: World, options: SessionOptions): RegistryClient {
  return createRegistryClient({
    transport: nodeTransport({ env: world.env }),
    credentials: dockerCredentials({ env: world.env, home: world.home }),
    clock: world.clock,
    random: world.random,
    options: { insecure: options.insecureRegistries ?? [], mirrors: mirrorsOf(options.registryMirrors ?? []) },
  });
}

/** What is open while a command runs. */
export interface Session {
  readonly store: Store;
  readonly client: RegistryClient;
}

/** Runs `work` with the store and a client, and closes both whatever happens. */
export async function withSession<T>(world: World, options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const store = await openStore(storeFolder(world, options.store));
  try {
    const client = openClient(world, options);
    try {
      return await work({ store, client });
    } finally {
      await client.close();
    }
  } finally {
    await store.close();
  }
}

function mirrorsOf(given: readonly string[]): Record<string, string[]> {
  const mirrors: Record<string, string[]> = {};
  for (const text of given) {
    const [, host = "docker.io", url] = /^(?:([A-Za-z0-9.:[\]-]+)=)?(.+)$/.exec(text) ?? [];
    if (url === undefined) throw new ProblemError("usage", { message: `--registry-mirror "${text}" names no mirror`, hint: "wanted [HOST=]URL" });
    mirrors[host] = [...(mirrors[host] ?? []), url];
  }
  return mirrors;
}
