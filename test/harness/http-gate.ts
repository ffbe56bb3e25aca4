import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that a RUN step asks, and whose answer it waits for. */
export interface HttpGate {
  /** `http://IP:PORT`. */
  readonly url: string;
  /** Who asked for which path, in order of their coming. */
  readonly asked: readonly { readonly path: string; readonly from: string }[];
  /** Requests for this path wait from now on, until they are let through. @returns settles when one has come */
  hold(path: string): Promise<void>;
  /** Lets all through, those that wait and those to come. */
  open(): void;
  /** Settles when nobody waits any more because all who did have gone. */
  deserted(): Promise<void>;
  close(): Promise<void>;
}

export async function httpGate(ip: string): Promise<HttpGate> {
  const asked: { path: string; from: string }[] = [];
  const held = new Map<string, () => void>();
  const waiting = new Set<ServerResponse>();
  let onLeft = (): void => {};
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push({ path, from: request.socket.remoteAddress ?? "" });
    const come = held.get(path);
    if (come === undefined) {
      response.end();
      return;
    }
    waiting.add(response);
    response.once("close", () => {
      waiting.delete(response);
      onLeft();
    });
    come();
  });
  await new Promise<void>((done) => server.listen(0, ip, done));
  return {
    url: `http://${ip}:${(server.address() as AddressInfo).port}`,
    asked,
    hold: (path) =>
      new Promise((come) => {
        held.set(path, come);
      }),
    open() {
      held.clear();
      for (const response of waiting) response.end();
    },
    deserted: () =>
      new Promise((done) => {
        onLeft = () => {
          if (waiting.size === 0) done();
        };
        onLeft();
      }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
