import { chmodSync, closeSync, openSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import { frame, readFrames } from "./frames.ts";

// Source: draft-ietf-sshm-ssh-agent, section 6.1, read 2026-11-22.
const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** What is let through, and the answer to it. */
const ANSWERS: ReadonlyMap<number | undefined, number> = new Map([
  [REQUEST_IDENTITIES, IDENTITIES_ANSWER],
  [SIGN_REQUEST, SIGN_RESPONSE],
]);
/** Programs of a step that talk at the same time. */
const MAX_CONNECTIONS = 128;
/** Bytes of a socket's path that the kernel takes, with a margin. */
const MAX_SOCKET_PATH = 100;

export interface ServedAgent {
  /** Ends the connections too; the socket is gone then. */
  close(): Promise<void>;
}

/**
 * Serves an SSH agent at `listenPath` that lets the keys of the agent at `upstreamSocket` be listed and used for signing, and nothing else.
 * @param mode  of the socket: who may connect beside its owner; the folder it is in has to keep others out
 * @throws {ProblemError} `secret-missing` when nobody answers at `upstreamSocket`
 */
export async function serveAgent(listenPath: string, upstreamSocket: string, mode = 0o666): Promise<ServedAgent> {
  (await dial(upstreamSocket)).destroy();
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    // Whatever goes wrong with a connection ends it, and it alone.
    client.on("error", () => client.destroy());
    void relay(client, upstreamSocket).finally(() => client.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, listenPath);
  chmodSync(listenPath, mode);
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Answers one request after the other. */
async function relay(client: Socket, upstreamSocket: string): Promise<void> {
  let upstream: Socket | undefined;
  let answers: AsyncGenerator<Buffer> | undefined;
  try {
    for await (const request of readFrames(client)) {
      const wanted = ANSWERS.get(request[0]);
      let answer: Uint8Array = Uint8Array.of(FAILURE);
      if (wanted !== undefined) {
        upstream ??= await dial(upstreamSocket);
        answers ??= readFrames(upstream);
        upstream.write(frame(request));
        const next = await answers.next();
        if (next.done) return;
        if (next.value[0] === wanted) answer = next.value;
      }
      if (!client.write(frame(answer))) await drained(client);
    }
  } catch {
    // The step's program sees a closed connection, as with an agent that has ended.
  } finally {
    upstream?.destroy();
  }
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((done) => {
    socket.once("drain", done);
    socket.once("close", () => done());
  });

function dial(path: string): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect(path);
    socket.once("connect", () => {
      // An error later ends the reading of it.
      socket.on("error", () => {});
      done(socket);
    });
    socket.once("error", (cause) =>
      fail(
        new ProblemError("secret-missing", {
          message: `no SSH agent answers at "${path}" (${(cause as NodeJS.ErrnoException).code})`,
          hint: "start one (eval $(ssh-agent); ssh-add), or name another with --ssh ID=SOCKET",
          cause,
        }),
      ),
    );
  });
}

/** A folder may lie deeper than the kernel takes for a socket: then it is reached by its descriptor. */
async function listen(server: Server, path: string): Promise<void> {
  const folder = Buffer.byteLength(path) > MAX_SOCKET_PATH ? openSync(dirname(path), "r") : undefined;
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(folder === undefined ? path : `/proc/self/fd/${folder}/${basename(path)}`, done);
    });
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
