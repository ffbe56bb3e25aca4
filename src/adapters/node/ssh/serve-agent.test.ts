import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isProblem } from "../../../core/problem.ts";
import { frame, MAX_FRAME_BYTES, readFrames } from "./frames.ts";
import { type ServedAgent, serveAgent } from "./serve-agent.ts";

const message = (type: number, body = ""): Buffer => Buffer.concat([Uint8Array.of(type), Buffer.from(body)]);

let folder: string;
let upstream: Server;
let served: ServedAgent;
/** What came through to the agent. */
let heard: Buffer[];
/** What the agent says to a message; undefined: it hangs up. */
let answer: (request: Buffer) => Buffer | undefined;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "multihull-ssh-"));
  heard = [];
  answer = (request) => message((request[0] as number) + 1, `to ${request.toString("latin1", 1)}`);
  upstream = createServer((socket) => void scripted(socket).catch(() => {}));
  const agent = join(folder, "agent");
  await new Promise<void>((done) => upstream.listen(agent, done));
  path = join(folder, "served");
  served = await serveAgent(path, agent);
});
afterEach(async () => {
  await served.close();
  upstream.close();
  rmSync(folder, { recursive: true });
});

async function scripted(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  for await (const request of readFrames(socket)) {
    heard.push(Buffer.from(request));
    const said = answer(request);
    if (said === undefined) socket.destroy();
    else socket.write(frame(said));
  }
}

/** Sends bytes, and gives what comes until as many messages came or the other side hung up. */
async function told(bytes: Uint8Array, count: number, at = path): Promise<string[]> {
  const socket = connect(at);
  socket.on("error", () => {});
  socket.write(bytes);
  const got: string[] = [];
  for await (const one of readFrames(socket)) {
    got.push(`${one[0]} ${one.toString("latin1", 1)}`);
    if (got.length === count) break;
  }
  return got;
}

describe("a served agent", () => {
  const CASES: readonly (readonly [name: string, request: Buffer, answered: string])[] = [
    ["lists keys", message(11), "12 to "],
    ["signs", message(13, "data"), "14 to data"],
    ["adds no key", message(17, "key"), "5 "],
    ["adds no constrained key", message(25, "key"), "5 "],
    ["adds no smart card", message(20), "5 "],
    ["removes no key", message(18), "5 "],
    ["removes not all keys", message(19), "5 "],
    ["is not locked", message(22, "pw"), "5 "],
    ["is not unlocked", message(23, "pw"), "5 "],
    ["has no extension", message(27, "session-bind@openssh.com"), "5 "],
    ["does not know the first protocol", message(1), "5 "],
  ];
  test.each(CASES)("%s", async (_, request, answered) => {
    expect(await told(frame(request), 1)).toEqual([answered]);
    expect(heard).toEqual(answered === "5 " ? [] : [request]);
  });

  test("answers in order, also what comes in one piece or byte by byte", async () => {
    const all = Buffer.concat([frame(message(11)), frame(message(17)), frame(message(13, "a")), frame(message(13, "b"))]);
    const wanted = ["12 to ", "5 ", "14 to a", "14 to b"];
    expect(await told(all, 4)).toEqual(wanted);
    const socket = connect(path);
    for (const byte of all) socket.write(Uint8Array.of(byte));
    const got: string[] = [];
    for await (const one of readFrames(socket)) {
      got.push(`${one[0]} ${one.toString("latin1", 1)}`);
      if (got.length === wanted.length) break;
    }
    expect(got).toEqual(wanted);
  });

  test("serves many at a time", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    expect(await Promise.all(names.map((name) => told(frame(message(13, name)), 1)))).toEqual(names.map((name) => [`14 to ${name}`]));
  });

  test("passes the longest message, and hangs up on a longer or an empty one", async () => {
    answer = () => message(14);
    expect(await told(frame(Buffer.concat([message(13), Buffer.alloc(MAX_FRAME_BYTES - 1)])), 1)).toEqual(["14 "]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(MAX_FRAME_BYTES + 1);
    expect(await told(Buffer.concat([length, message(13)]), 1)).toEqual([]);
    expect(await told(Buffer.alloc(4), 1)).toEqual([]);
    expect(heard).toHaveLength(1);
  });

  test("hides an answer that does not fit, and hangs up where the agent does", async () => {
    answer = (request) => (request[0] === 11 ? message(14, "signature?") : undefined);
    expect(await told(frame(message(11)), 1)).toEqual(["5 "]);
    expect(await told(frame(message(13)), 1)).toEqual([]);
  });

  test("can be reached by others than its owner, where its folder lets them in", () => {
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  test("ends its connections and its socket", async () => {
    const socket = connect(path);
    await new Promise<void>((done) => socket.once("connect", done));
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    await served.close();
    await closed;
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("needs somebody who answers", async () => {
    const failure = await serveAgent(join(folder, "x"), join(folder, "nobody")).catch((error: unknown) => error);
    expect(isProblem(failure, "secret-missing") && failure.message).toBe(`no SSH agent answers at "${join(folder, "nobody")}" (ENOENT)`);
  });
});

test.skipIf(process.platform !== "linux")("a socket may lie deeper than its path may be long (Linux)", async () => {
  const { mkdirSync } = await import("node:fs");
  const deep = join(folder, "d".repeat(120));
  mkdirSync(deep);
  const another = await serveAgent(join(deep, "s"), join(folder, "agent"));
  expect(statSync(join(deep, "s")).isSocket()).toBe(true);
  await another.close();
});
