import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LAYER_PATH, type ProgramOrder, REFUSAL_TRAILER } from "../protocol.ts";
import type { Caches } from "./caches.ts";
import type { Layers } from "./layers.ts";
import type { Programs } from "./programs.ts";
import { refusalOf } from "./refusal.ts";
import { runProgram } from "./run-program.ts";
import { tryBytes } from "./try-bytes.ts";

/** Orders hold here-documents and secrets, which BuildKit limits to 500 KiB each. */
const ORDER_BYTES = 64 * 1024 * 1024;
const PROGRAM_PATH = /^\/programs\/([0-9a-z]{1,32})(\/changes|\/keep)?$/;
const CACHE_PATH = /^\/caches\/([0-9a-f]{64}\/\d{1,6})$/;

export interface House {
  readonly layers: Layers;
  readonly programs: Programs;
  readonly caches: Caches;
  /** A fresh path for a folder. */
  readonly tryFolder: () => string;
}

/** What the builder asks, answered; see `protocol.ts`. */
export function wardenServer(house: House): Server {
  const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    answer(house, request, response).catch((error: unknown) => {
      const refusal = JSON.stringify(refusalOf(error));
      if (!response.headersSent) return void response.writeHead(409, { "content-type": "application/json" }).end(refusal);
      // The answer has begun: the end tells that it is not whole.
      response.addTrailers({ [REFUSAL_TRAILER]: encodeURIComponent(refusal) });
      response.end();
    });
  });
  server.timeout = 0;
  return server;
}

async function answer(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { layers, programs, caches } = house;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://warden");
  const route = `${request.method} ${pathname}`;
  const layer = LAYER_PATH.exec(pathname)?.[1];
  const program = PROGRAM_PATH.exec(pathname);
  const cache = CACHE_PATH.exec(pathname)?.[1];
  if (route === "GET /layers") return json(response, searchParams.has("have") ? layers.have(split(searchParams.get("have"))) : layers.all());
  if (route === "GET /caches") return json(response, await caches.all());
  if (route === "POST /programs") return await runProgram(programs, JSON.parse((await body(request)).toString()) as ProgramOrder, response);
  if (route === "POST /try") return json(response, await tryBytes(house.tryFolder(), await body(request)));
  if (layer !== undefined && request.method === "PUT") await layers.unpack(layer, () => request.iterator({ destroyOnReturn: false }));
  else if (layer !== undefined && request.method === "DELETE") await layers.remove(layer);
  else if (cache !== undefined && request.method === "DELETE") await caches.remove(cache);
  else if (program !== null) {
    const [, id, what] = program as unknown as [string, string, string | undefined];
    if (what === "/changes") {
      const epoch = searchParams.get("epoch");
      response.setHeader("trailer", REFUSAL_TRAILER);
      await pipeline(Readable.from(programs.get(id).changes(epoch === null ? undefined : Number(epoch)), { objectMode: false }), response, { end: false });
      return void response.end();
    }
    if (what === "/keep") await programs.keep(id, searchParams.get("as") ?? "");
    else await programs.discard(id);
  } else return void response.writeHead(404).end();
  response.writeHead(204).end();
}

const split = (list: string | null): string[] => (list ?? "").split(",").filter((layer) => /^[0-9a-f]{64}$/.test(layer));

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > ORDER_BYTES) throw new Error(`the order is longer than ${ORDER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
