import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { idCount, ownIds, rootMap } from "../../src/adapters/node/sandbox/enter/id-ranges.ts";
import { sandboxHost } from "../../src/adapters/node/sandbox/sandbox-host.ts";
import { WORLDS } from "../../src/adapters/node/sandbox/world-words.ts";
import { newOwner } from "../../src/adapters/node/store/owner.ts";
import { digestOf, hexOf } from "../../src/core/digest.ts";
import type { Sandbox, SandboxEnd, SandboxProgram } from "../../src/engine/sandbox.ts";
import { type ByteStream, collect } from "../../src/image/blob-store.ts";
import { HOST_ARCHITECTURE, hostRootTar, sandboxHere, which } from "../harness/sandbox-base.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";

const missing = sandboxHere();
const never = new AbortController().signal;
const folders: string[] = [];

describe.skipIf(missing !== undefined)(`a sandbox${missing === undefined ? "" : ` (${missing})`}`, () => {
  const tar = hostRootTar() as Buffer;
  const root = digestOf(tar);
  let folder: string;
  let host: ReturnType<typeof sandboxHost>;
  let sandbox: Sandbox;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "multihull-sandbox-"));
    folders.push(folder);
    host = hostIn(folder);
    sandbox = await host.open();
  });
  afterEach(async () => {
    await host.close();
    expect(await lastingLeftovers(folder)).toEqual([]);
  });
  afterAll(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });

  const area = (): string => join(folder, readdirSync(folder).find((name) => /-[0-9a-f]{8}$/.test(name)) as string);
  const ofOurs = (name: string): string[] => readdirSync(join(area(), name)).filter((entry) => !entry.endsWith(".sock"));
  const unpack = (): Promise<void> => sandbox.unpack(root, inChunks(tar), never);
  const run = async (script: string, more: Partial<SandboxProgram> = {}, signal = never): Promise<{ end: SandboxEnd; text: string }> => {
    const printed: Buffer[] = [];
    const end = await sandbox.run(
      { ...PROGRAM, layers: [root], arguments: ["/bin/sh", "-c", script], output: (_, bytes) => printed.push(Buffer.from(bytes)), ...more },
      signal,
    );
    return { end, text: Buffer.concat(printed).toString() };
  };

  test("what was entered to try the machine is what programs run in, and a second look tries nothing", async () => {
    const place = mkdtempSync(join(tmpdir(), "multihull-sandbox-"));
    folders.push(place);
    const machine = { os: "linux", architecture: HOST_ARCHITECTURE };
    const wardens = (): string[] =>
      readdirSync(place)
        .filter((name) => /-[0-9a-f]{8}$/.test(name))
        .flatMap((name) => readdirSync(join(place, name, "run")).filter((entry) => entry.endsWith(".sock")));
    const first = sandboxHost({ folder: place, machine });
    expect((await first.ability([machine])).platforms).toMatchObject([{ how: "native" }]);
    const entered = wardens();
    expect(entered).toHaveLength(1);
    await first.open();
    expect(wardens()).toEqual(entered);
    await first.close();
    const second = sandboxHost({ folder: place, machine });
    expect((await second.ability([machine])).platforms).toMatchObject([{ how: "native" }]);
    expect(wardens()).toEqual([]);
    await second.close();
    expect(await lastingLeftovers(place)).toEqual([]);
  });

  test("unpacks a layer once, and says that it is there", async () => {
    expect([...(await sandbox.unpacked([root]))]).toEqual([]);
    await unpack();
    expect([...(await sandbox.unpacked([root]))]).toEqual([root]);
    await sandbox.unpack(root, refusing(), never);
  });

  test("runs a program, gives what it changed, and runs another upon that", async () => {
    await unpack();
    const first = await run("echo hello; mkdir /made; echo one > /made/file; exit 3");
    expect([first.end.exitCode, first.text]).toEqual([3, "hello\n"]);
    const changes = Buffer.from(await collect(copies(first.end.changes(undefined))));
    expect(tarNames(changes)).toEqual(expect.arrayContaining(["made/", "made/file"]));
    const layer = digestOf(changes);
    await first.end.keepAs(layer);
    const second = await run("cat /made/file; rm /made/file", { layers: [root, layer] });
    expect(second.text).toBe("one\n");
    expect(tarNames(Buffer.from(await collect(copies(second.end.changes(undefined)))))).toContain("made/.wh.file");
    await second.end.discard();
    expect(ofOurs("work")).toEqual([]);
  });

  test("a kept layer is the same to a later sandbox as its archive unpacked", async () => {
    await unpack();
    const { end } = await run("mkdir /a /a/b; echo x > /a/b/c; ln /a/b/c /a/d; ln -s c /a/b/e; rm /bin/false");
    const changes = Buffer.from(await collect(copies(end.changes(undefined))));
    await end.keepAs(digestOf(changes));
    const list = "find /a /bin | sort; cat /a/d; stat -c %h /a/d";
    const kept = await run(list, { layers: [root, digestOf(changes)] });
    await kept.end.discard();
    const elsewhere = mkdtempSync(join(tmpdir(), "multihull-sandbox-"));
    folders.push(elsewhere);
    const other = hostIn(elsewhere);
    const fresh = await other.open();
    await fresh.unpack(root, inChunks(tar), never);
    await fresh.unpack(digestOf(changes), inChunks(changes), never);
    let text = "";
    const again = await fresh.run(
      { ...PROGRAM, layers: [root, digestOf(changes)], arguments: ["/bin/sh", "-c", list], output: (_, bytes) => (text += Buffer.from(bytes).toString()) },
      never,
    );
    expect(text).toBe(kept.text);
    expect(text).toContain("/a/b/c");
    await again.discard();
    await other.close();
  });

  test("what ends by a signal says which", async () => {
    await unpack();
    const { end } = await run("kill -KILL $$");
    expect([end.exitCode, end.signal]).toEqual([137, "SIGKILL"]);
    await end.discard();
  });

  test.each([
    ["other bytes than the layer's", "diff-id-mismatch", () => inChunks(Buffer.concat([tar, Buffer.alloc(512)]))],
    ["a damaged archive", "layer-invalid", () => inChunks(Buffer.alloc(2048, 7))],
    ["an archive that cannot be read on", "no more", () => failing(tar)],
  ])("leaves nothing of %s", async (_, what, archive) => {
    const layer = what === "layer-invalid" ? digestOf(Buffer.alloc(2048, 7)) : root;
    const error = (await sandbox.unpack(layer, archive(), never).catch((thrown: unknown) => thrown)) as Error & { code?: string };
    expect(error.code ?? error.message).toBe(what);
    expect([...(await sandbox.unpacked([layer]))]).toEqual([]);
    await unpack();
    expect(ofOurs("ingest")).toEqual([]);
    expect(readdirSync(join(area(), "layers")).sort()).toEqual([hexOf(root), `${hexOf(root)}.json`]);
  });

  test("a damaged archive that goes on for long is refused all the same", async () => {
    const damaged = Buffer.alloc(24 * 1024 * 1024, 7);
    await expect(sandbox.unpack(digestOf(damaged), inChunks(damaged), never)).rejects.toMatchObject({ code: "layer-invalid" });
  });

  test("an archive's own broken connection is not mistaken for the sandbox's", async () => {
    const broken = Object.assign(new Error("the registry hung up"), { code: "ECONNRESET" });
    await expect(sandbox.unpack(root, failing(tar, broken), never)).rejects.toBe(broken);
  });

  test("two sandboxes may unpack the same layer at once", async () => {
    const other = hostIn(folder);
    const second = await other.open();
    await Promise.all([unpack(), second.unpack(root, inChunks(tar), never), unpack()]);
    expect([...(await second.unpacked([root]))]).toEqual([root]);
    const { end, text } = await run("echo there");
    expect(text).toBe("there\n");
    await end.discard();
    await other.close();
    expect(ofOurs("ingest")).toEqual([]);
  });

  test("cancelling kills all that a program started, and leaves nothing of it", async () => {
    await unpack();
    const stop = new AbortController();
    const started = run("sleep 1000 & (setsid sleep 1001 &) ; echo ready; sleep 1002", { output: () => stop.abort() }, stop.signal);
    await expect(started).rejects.toMatchObject({ code: "interrupted" });
    expect(ofOurs("work")).toEqual([]);
    await expect(run("true", {}, stop.signal)).rejects.toMatchObject({ code: "interrupted" });
  });

  test("a program that cannot be started is a failure, and no end", async () => {
    await unpack();
    await expect(run("", { arguments: ["/no/such/program"] })).rejects.toMatchObject({ code: "run-failed" });
    expect(ofOurs("work")).toEqual([]);
  });

  test("gives all of what a program prints", async () => {
    await unpack();
    let bytes = 0;
    const { end } = await run("dd if=/dev/zero bs=65536 count=800 2>/dev/null", { output: (_, chunk) => (bytes += chunk.byteLength) });
    expect([end.exitCode, bytes]).toEqual([0, 65536 * 800]);
    await end.discard();
  });

  test("a cache keeps what is in it, and no part of it is a change", async () => {
    await unpack();
    const cache = { kind: "cache", target: "/cache", id: "things", sharing: "locked", mode: 0o755, uid: 0, gid: 0, readonly: false } as const;
    const first = await run("echo kept > /cache/file", { mounts: [cache] });
    expect(tarNames(Buffer.from(await collect(copies(first.end.changes(undefined))))).filter((name) => name.includes("file"))).toEqual([]);
    await first.end.discard();
    const second = await run("cat /cache/file", { mounts: [cache] });
    expect(second.text).toBe("kept\n");
    await second.end.discard();
  });

  test("a cache that is mounted twice is one folder", async () => {
    await unpack();
    const cache = { kind: "cache", id: "twice", sharing: "locked", mode: 0o755, uid: 0, gid: 0, readonly: false } as const;
    const mounts = ["/one", "/two"].map((target) => ({ ...cache, target }));
    const { end, text } = await run("echo same > /one/file; cat /two/file", { mounts });
    expect(text).toBe("same\n");
    await end.discard();
  });

  test("an agent's socket is the program's, while it runs", async () => {
    await unpack();
    const upstream = createServer().listen(join(folder, "agent"));
    await once(upstream, "listening");
    const mount = { kind: "ssh-agent", target: "/run/agent", socket: join(folder, "agent"), mode: 0o600, uid: 7, gid: 8 } as const;
    const { end, text } = await run("stat -c '%F %a' /run/agent", { mounts: [mount] });
    expect(text).toBe("socket 600\n");
    await end.discard();
    upstream.close();
    await once(upstream, "close");
    expect(ofOurs("run")).toEqual([]);
  });

  test("what dead processes left is swept when the next one opens the sandbox", async () => {
    await unpack();
    // This process's id with another start: that process is gone.
    const dead = newOwner().replace(/-\d+-([0-9a-f]{12})$/, "-1-$1");
    for (const left of [`work/${dead}.0`, `ingest/${dead}.3`]) {
      mkdirSync(join(area(), left, "upper"), { recursive: true });
      writeFileSync(join(area(), left, "upper/file"), "left");
      // As the namespace's root would have made it.
      const { uid, gid } = statSync(area());
      for (const path of ["", "upper", "upper/file"]) chownSync(join(area(), left, path), uid, gid);
    }
    writeFileSync(join(area(), `run/${dead}.sock`), "");
    const mine = `work/${newOwner()}.0`;
    mkdirSync(join(area(), mine));
    await host.close();
    host = hostIn(folder);
    const next = await host.open();
    // It is done beside other work: nobody waits for it.
    await expect.poll(() => [...readdirSync(join(area(), "work")), ...ofOurs("ingest"), ...ofOurs("run")], { timeout: 60_000 }).toEqual([mine.split("/")[1]]);
    await next.close();
  });

  test("killing the builder kills all of it, and the next one finds the store in order", async () => {
    await unpack();
    const order = { ...PROGRAM, layers: [root], arguments: ["/bin/sh", "-c", "sleep 1000 & (setsid sleep 1001 &) ; echo ready; sleep 1002"] };
    const script = `
      import { sandboxHost } from ${JSON.stringify(new URL("../../src/adapters/node/sandbox/sandbox-host.ts", import.meta.url).href)};
      const sandbox = await sandboxHost({ folder: process.argv[1], machine: { os: "linux", architecture: "amd64" } }).open();
      sandbox.run({ ...${JSON.stringify(order)}, output: () => process.stdout.write("ready") }, new AbortController().signal);
    `;
    const builder = spawn(process.execPath, ["--import", createRequire(import.meta.url).resolve("tsx"), "--input-type=module", "-e", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const over = once(builder, "exit");
    await once(builder.stdout, "data");
    builder.kill("SIGKILL");
    await over;
    await host.close();
    expect(await lastingLeftovers(folder)).toEqual([]);
    host = hostIn(folder);
    sandbox = await host.open();
    const { end, text } = await run("echo again");
    expect(text).toBe("again\n");
    await end.discard();
    await host.close();
    expect(["work", "ingest", "run"].flatMap((name) => readdirSync(join(area(), name)))).toEqual([]);
  });

  test.skipIf(which("bash") === undefined)("what the builder's caller left open is open nowhere else", async () => {
    await unpack();
    const left = join(folder, "left-open");
    writeFileSync(left, "");
    const order = { ...PROGRAM, layers: [root], arguments: ["/bin/sh", "-c", "echo ready; sleep 1000"] };
    const script = `
      import { sandboxHost } from ${JSON.stringify(new URL("../../src/adapters/node/sandbox/sandbox-host.ts", import.meta.url).href)};
      const sandbox = await sandboxHost({ folder: process.argv[1], machine: { os: "linux", architecture: "amd64" } }).open();
      sandbox.run({ ...${JSON.stringify(order)}, output: () => process.stdout.write("ready") }, new AbortController().signal);
    `;
    const open = [200, 60].reduce<string>((command, fd) => `exec ${fd}<"${left}"; ${command}`, 'exec "$@"');
    const node = [process.execPath, "--import", createRequire(import.meta.url).resolve("tsx"), "--input-type=module", "-e", script, folder];
    const builder = spawn("bash", ["-c", open, "bash", ...node], { stdio: ["ignore", "pipe", "inherit"] });
    const over = once(builder, "exit");
    await once(builder.stdout, "data");
    const holders = holdersOf(left);
    builder.kill("SIGKILL");
    await over;
    expect(holders).toEqual([process.execPath]);
  });

  test.skipIf(process.getuid?.() !== 0 || idCount(rootMap(ownIds("uid"))) < 200_000)("root's files may belong to anybody, also over 65535", async () => {
    await unpack();
    const { end, text } = await run("echo x > /theirs; chown 100000:2000000000 /theirs; stat -c %u:%g /theirs");
    expect(text).toBe("100000:2000000000\n");
    const archive = await collect(copies(end.changes(0)));
    const layer = digestOf(archive);
    await end.keepAs(layer);
    const next = await run("stat -c %u:%g /theirs; id -u", { layers: [root, layer], user: "100000" });
    expect(next.text).toBe("100000:2000000000\n100000\n");
  });

  test("tells what the world costs", async () => {
    const [world] = readdirSync(folder).flatMap((name) => /^(.+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? []);
    expect(sandbox.notes).toEqual(WORLDS[world as keyof typeof WORLDS].notes);
  });

  test("a closed sandbox has no work, no socket and no lease left", async () => {
    await unpack();
    await run("true");
    await host.close();
    expect(["work", "ingest", "run"].flatMap((name) => readdirSync(join(area(), name)))).toEqual([]);
    expect(readdirSync(join(folder, "leases"))).toEqual([]);
  });

  test("a sandbox whose warden dies says so", async () => {
    await unpack();
    const running = run("echo ready; sleep 1000", { output: () => killWarden(area()) });
    await expect(running).rejects.toMatchObject({ code: "sandbox-unavailable" });
    await expect(run("true")).rejects.toMatchObject({ code: "sandbox-unavailable" });
  });
});

const hostIn = (folder: string): ReturnType<typeof sandboxHost> => sandboxHost({ folder, machine: PROGRAM.platform });

const PROGRAM: Omit<SandboxProgram, "layers" | "output" | "arguments"> = {
  platform: { os: "linux", architecture: "amd64" },
  environment: [],
  workdir: "/",
  user: "",
  mounts: [],
  network: "host",
  hosts: [],
  ulimits: [],
};

async function* inChunks(bytes: Buffer): ByteStream {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function* failing(bytes: Buffer, error = new Error("no more")): ByteStream {
  yield bytes.subarray(0, 100_000);
  throw error;
}

// biome-ignore lint/correctness/useYield: nobody may ask for the first one
async function* refusing(): ByteStream {
  throw new Error("the archive was read");
}

async function* copies(stream: ByteStream): ByteStream {
  for await (const chunk of stream) yield Buffer.from(chunk);
}

/** The warden works in its area, and so do programs before they have their root. */
function killWarden(area: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) === area && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("sandbox-warden"))
        process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Programs of the processes that have a file open; the compiler that serves a builder from source is none of ours. */
function holdersOf(file: string): string[] {
  const found = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file);
    } catch {
      // It has ended meanwhile, or closed what was looked at.
      return false;
    }
  });
  return found.map((pid) => readlinkSync(`/proc/${pid}/exe`)).filter((program) => !program.endsWith("/esbuild"));
}

/** Of an archive whose names are all short. */
function tarNames(tar: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 512 <= tar.byteLength && tar[at] !== 0; ) {
    const text = (from: number, to: number): string => tar.toString("latin1", at + from, at + to).replace(/\0.*$/s, "");
    names.push(text(0, 100));
    at += 512 + Math.ceil(Number.parseInt(text(124, 136), 8) / 512) * 512;
  }
  return names;
}
