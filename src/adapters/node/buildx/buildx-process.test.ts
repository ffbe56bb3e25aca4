import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildxRun } from "../../../engine/buildkit/buildx.ts";
import { type ByteStream, collect } from "../../../image/blob-store.ts";
import { buildxProcess } from "./buildx-process.ts";
import { temporaryFile } from "./temporary-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "multihull-buildx-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A `docker` of its own: a Node script on a PATH where nothing else is. */
function fakeDocker(name: string, script: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "docker"), `#!${process.execPath}\n${script}\n`);
  chmodSync(join(bin, "docker"), 0o755);
  return bin;
}

/** Lines as they come, and a promise of each. */
function heard(): { readonly lines: string[]; readonly onLine: (line: string) => void; wait(text: string): Promise<void> } {
  const lines: string[] = [];
  let wake = (): void => undefined;
  return {
    lines,
    onLine: (line) => {
      lines.push(line);
      wake();
    },
    async wait(text) {
      while (!lines.includes(text)) {
        await new Promise<void>((done) => {
          wake = done;
        });
      }
    },
  };
}

const start = (bin: string, args: readonly string[], run: Partial<BuildxRun> = {}, graceMs = 60_000) =>
  buildxProcess({ env: { PATH: [bin].join(delimiter), GIVEN: "from outside" }, cwd: folder, graceMs }).build(args, {
    env: {},
    onLine: () => undefined,
    ...run,
  });

async function* bytes(...parts: readonly string[]): ByteStream {
  for (const part of parts) yield Buffer.from(part);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie whose parent has not looked yet is dead for us.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe("a build", () => {
  test("gets its arguments as they are, the folder and the environment", async () => {
    const bin = fakeDocker("echo", `console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.GIVEN, process.env.MORE]))`);
    const args = ["--build-arg", "A=$(touch x) 'y' \"z\"\n", "--", "-"];
    const build = start(bin, args, { env: { MORE: "and this" } });
    const text = (await collect(build.stdout)).toString();
    expect(await build.ended).toEqual({ kind: "ended", status: 0 });
    const [got, cwd, given, more] = JSON.parse(text) as [string[], string, string, string];
    expect(got).toEqual(["buildx", "build", ...args]);
    expect([cwd.endsWith(folder), given, more]).toEqual([true, "from outside", "and this"]);
  });

  test("gets stdin, and tells its lines and its status", async () => {
    const bin = fakeDocker(
      "cat",
      `process.stdin.on("data", (d) => process.stdout.write(d)).on("end", () => { process.stderr.write("one\\ntwo"); process.exitCode = 7; })`,
    );
    const { lines, onLine } = heard();
    const build = start(bin, [], { stdin: bytes("FROM ", "scratch"), onLine });
    expect((await collect(build.stdout)).toString()).toBe("FROM scratch");
    expect([await build.ended, lines]).toEqual([{ kind: "ended", status: 7 }, ["one", "two"]]);
  });

  test("need not read its stdin", async () => {
    const bin = fakeDocker("deaf", "process.stdin.destroy(); process.exit(0)");
    const build = start(bin, [], { stdin: bytes(...Array.from({ length: 100 }, () => "x".repeat(65_536))) });
    await collect(build.stdout);
    expect(await build.ended).toEqual({ kind: "ended", status: 0 });
  });

  test("waits with its output until it is read", async () => {
    const bin = fakeDocker(
      "flood",
      `let sent = 0; const chunk = Buffer.alloc(65536);
       const more = () => { while (sent < 400) { sent++; if (!process.stdout.write(chunk)) { process.stderr.write("full\\n"); return process.stdout.once("drain", more); } } };
       more();`,
    );
    const { wait, onLine } = heard();
    const build = start(bin, [], { onLine });
    await wait("full");
    expect((await collect(build.stdout)).byteLength).toBe(400 * 65_536);
    expect(await build.ended).toEqual({ kind: "ended", status: 0 });
  });

  test("ends when nobody wants its output any more", async () => {
    const bin = fakeDocker(
      "endless",
      `process.stdout.on("error", () => process.exit(3)); const go = () => { while (process.stdout.write(Buffer.alloc(65536))); }; process.stdout.on("drain", go); go();`,
    );
    const build = start(bin, []);
    for await (const _ of build.stdout) break;
    expect(await build.ended).toEqual({ kind: "ended", status: 3 });
  });
});

describe("no build", () => {
  test("without a docker", async () => {
    mkdirSync(join(folder, "empty"));
    const build = start(join(folder, "empty"), []);
    expect((await collect(build.stdout)).byteLength).toBe(0);
    expect(await build.ended).toEqual({ kind: "missing" });
  });

  test("with a docker that is a folder's name, or for another machine", async () => {
    const bin = join(folder, "foreign");
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), "#!/no/such/interpreter\n", { mode: 0o755 });
    const build = start(bin, []);
    await collect(build.stdout);
    expect((await build.ended).kind).not.toBe("ended");
  });

  test("with an argument that no program can be given", async () => {
    const build = start(fakeDocker("nul", ""), ["a\0b"]);
    await collect(build.stdout);
    expect(await build.ended).toEqual({ kind: "unstartable", why: "ERR_INVALID_ARG_VALUE" });
  });

  test("after it was called off", async () => {
    const bin = fakeDocker("late", `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "started"))}, "")`);
    const build = start(bin, [], { signal: AbortSignal.abort() });
    await collect(build.stdout);
    expect(await build.ended).toEqual({ kind: "ended", status: 130 });
    expect(() => readFileSync(join(folder, "started"))).toThrow("ENOENT");
  });
});

describe("calling it off", () => {
  test("interrupts it as a user would", async () => {
    const bin = fakeDocker("polite", `process.on("SIGINT", () => process.exit(42)); process.stderr.write("ready\\n"); setInterval(() => {}, 1000)`);
    const { wait, onLine } = heard();
    const stop = new AbortController();
    const build = start(bin, [], { onLine, signal: stop.signal });
    await wait("ready");
    stop.abort();
    await collect(build.stdout);
    expect(await build.ended).toEqual({ kind: "ended", status: 42 });
  });

  test("kills one that does not listen, and what it started", async () => {
    const child = `process.on("SIGINT", () => {}); process.stderr.write("child " + process.pid + "\\n"); setInterval(() => {}, 1000)`;
    const bin = fakeDocker(
      "deaf-to-signals",
      `process.on("SIGINT", () => {}); require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: ["ignore", "inherit", "inherit"] }).on("spawn", () => process.stderr.write("ready\\n")); setInterval(() => {}, 1000)`,
    );
    const { lines, wait, onLine } = heard();
    const stop = new AbortController();
    let childStarted = (): void => undefined;
    const started = new Promise<void>((done) => {
      childStarted = done;
    });
    const build = start(
      bin,
      [],
      {
        onLine: (line) => {
          onLine(line);
          if (line.startsWith("child ")) childStarted();
        },
        signal: stop.signal,
      },
      1,
    );
    await wait("ready");
    await started;
    stop.abort();
    await collect(build.stdout);
    expect(await build.ended).toEqual({ kind: "ended", status: 137 });
    const pid = Number(lines.find((line) => line.startsWith("child "))?.slice(6));
    // It closes its pipes a moment before it is gone; one that stays makes this test run out of time.
    while (isAlive(pid)) await new Promise((done) => setImmediate(done));
    expect(pid).toBeGreaterThan(0);
  });
});

test("a temporary file is nobody else's, and is gone afterwards", async () => {
  const file = await temporaryFile(folder);
  expect(await file.read()).toBeUndefined();
  writeFileSync(file.path, "{}");
  expect(await file.read()).toBe("{}");
  await file.remove();
  await file.remove();
  expect(() => readFileSync(file.path)).toThrow("ENOENT");
  await expect(temporaryFile(join(folder, "not-there"))).rejects.toMatchObject({ code: "file-unwritable" });
});
