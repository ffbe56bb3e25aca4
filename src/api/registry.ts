import { resolve } from "node:path";
import { type RegistryServer, serveRegistry as serve } from "../adapters/node/http-server.ts";
import { openStore } from "../adapters/node/store/store.ts";
import { nodeWorld, readTextFile, type World } from "../adapters/node/world.ts";
import type { AccessLine } from "../core/access-line.ts";
import { ProblemError } from "../core/problem.ts";
import { registryHandler } from "../registry/server/handler.ts";
import { storeFolder } from "./store-folder.ts";

export type { RegistryServer } from "../adapters/node/http-server.ts";
export type { AccessLine } from "../core/access-line.ts";

/** Where the embedded registry listens, what it serves, and who may come. */
export interface ServeRequest {
  /** `HOST:PORT`; port 0 takes a free one. Default `127.0.0.1:5000`. */
  readonly listen?: string | undefined;
  /** Folder of the registry's store; default: the builder's own, so that pushing to it moves no bytes. */
  readonly root?: string | undefined;
  readonly store?: string | undefined;
  /** File of users; absent: nobody is asked. */
  readonly htpasswd?: string | undefined;
  /** PEM files; both or none. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Told of each request once it is answered. */
  readonly onRequest?: (line: AccessLine) => void;
  /** Told of what the user should know, such as an address that others can reach. */
  readonly onWarning?: (message: string) => void;
  /** Told of failures that a client only sees as a cut connection or a status 500. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Starts the embedded registry. It runs until closed.
 * @throws {ProblemError} `usage` | `file-unreadable` | `store-unusable`
 */
export async function serveRegistry(request: ServeRequest = {}, world: World = nodeWorld()): Promise<RegistryServer> {
  const tls = tlsOf(request, world);
  const store = await openStore(request.root === undefined ? storeFolder(world, request.store) : resolve(world.cwd, request.root), { durable: true });
  try {
    const handler = registryHandler(store.registry, store.blobs, {
      clock: world.clock,
      ...(request.onFailure === undefined ? {} : { onFailure: request.onFailure }),
    });
    const server = await serve({
      handler,
      listen: request.listen ?? "127.0.0.1:5000",
      ...(tls === undefined ? {} : { tls }),
      ...(request.htpasswd === undefined ? {} : { htpasswd: { file: resolve(world.cwd, request.htpasswd) } }),
      ...(request.onRequest === undefined ? {} : { log: request.onRequest }),
      ...(request.onWarning === undefined ? {} : { onWarning: request.onWarning }),
    });
    return {
      url: server.url,
      address: server.address,
      port: server.port,
      async close() {
        await server.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function tlsOf({ tlsCert, tlsKey }: ServeRequest, world: World): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new ProblemError("usage", {
      message: "TLS needs a certificate and its key, and only one of them is given",
      hint: "give both --tls-cert and --tls-key",
    });
  const read = (path: string): string => {
    const text = readTextFile(resolve(world.cwd, path));
    if (text === undefined) throw new ProblemError("file-unreadable", { message: `there is no file "${path}"`, hint: "name a PEM file" });
    return text;
  };
  return { cert: read(tlsCert), key: read(tlsKey) };
}
