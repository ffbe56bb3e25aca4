import { createReadStream, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveOf, bytesOf, entriesIn, testEntry, whyNoLayerFolders } from "../../../../../test/harness/layer-folders.ts";
import { CellRefusal } from "../cell/refusal.ts";
import type { RunningCell } from "../cell/start-cell.ts";
import type { MountOrder, ProgramOrder } from "../protocol.ts";
import { startChrootCell } from "./chroot-cell.ts";
import { copiedChanges, type RootScan, scanRoot } from "./copied-changes.ts";
import { copyRoot } from "./copy-root.ts";
import { unpackLayer } from "./unpack-layer.ts";

const BUSYBOX = `${process.env.MULTIHULL_PEERS ?? "/opt/peers"}/bases/busybox-amd64.tar`;
const why = whyNoLayerFolders() ?? (process.arch !== "x64" ? "not an amd64" : existsSync(BUSYBOX) ? undefined : "no archive of busybox here");
const LAUNCHER = ["--import", "tsx", fileURLToPath(new URL("./chroot-cell-program.ts", import.meta.url))];

let area: string;
let count = 0;
beforeEach(() => {
  area = mkdtempSync(join(tmpdir(), "multihull-chroot-"));
  for (const name of ["layers", "work", "caches", "run"]) mkdirSync(join(area, name));
});
afterEach(() => {
  rmSync(area, { recursive: true, force: true });
}, 60_000);

interface Ended {
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly output: string;
  /** Paths of what changed. */
  readonly changes: readonly string[];
  readonly root: string;
}

interface Started {
  readonly cell: RunningCell;
  readonly ended: Promise<Ended>;
  /** Settles with the first output. */
  readonly printed: Promise<void>;
}

async function start(script: string, more: Partial<ProgramOrder> = {}): Promise<Started> {
  const work = `work/${count++}`;
  for (const name of ["", "/upper", "/work", "/root", "/mounts"]) mkdirSync(`${area}/${work}${name}`, { mode: 0o755 });
  if (!existsSync(`${area}/layers/base`)) {
    mkdirSync(`${area}/layers/base`);
    await unpackLayer(createReadStream(BUSYBOX), `${area}/layers/base`, { ids: 65_536 });
    mkdirSync(`${area}/layers/tools`);
    await unpackLayer(
      archiveOf(["tr", "grep", "wc", "sleep", "setsid", "chroot", "mknod"].map((name) => testEntry(`usr/bin/${name} -> /bin/busybox`))),
      `${area}/layers/tools`,
      {
        ids: 1,
      },
    );
  }
  const lower = [`${area}/layers/base`, `${area}/layers/tools`];
  const root = `${area}/${work}/root`;
  await copyRoot(lower, root);
  const before: RootScan = scanRoot(root);
  const program: ProgramOrder = {
    id: "1",
    layers: ["base", "tools"],
    arguments: ["/bin/sh", "-c", script],
    environment: [],
    workdir: "/",
    user: "",
    mounts: [],
    network: "host",
    etcHosts: "127.0.0.1 localhost\n",
    resolvConf: "nameserver 192.0.2.1\n",
    shmBytes: 1 << 20,
    ulimits: [],
    platform: "linux/amd64",
    emulated: false,
    ...more,
  };
  let output = "";
  let tell = (): void => {};
  const printed = new Promise<void>((done) => (tell = done));
  const on = {
    output: (_: string, bytes: Uint8Array): void => {
      output += Buffer.from(bytes).toString();
      tell();
    },
  };
  const cell = startChrootCell({ program, area, lower, work, pretendOwners: false, copied: true }, on, LAUNCHER);
  const ended = cell.ended.then(async ({ exitCode, signal }) => {
    const changes = entriesIn(await bytesOf(copiedChanges({ root, before, lower }))).map(({ path }) => path);
    return { exitCode, signal, output, changes, root };
  });
  ended.catch(() => {});
  return { cell, ended, printed };
}

const run = async (script: string, more?: Partial<ProgramOrder>): Promise<Ended> => await (await start(script, more)).ended;
const file = (target: string, text: string): MountOrder => ({
  kind: "file",
  target,
  base64: Buffer.from(text).toString("base64"),
  mode: 0o400,
  uid: 0,
  gid: 0,
});
const cache = (target: string, more: object = {}): MountOrder => ({
  kind: "cache",
  target,
  folder: "caches/0",
  id: "c",
  mode: 0o755,
  uid: 0,
  gid: 0,
  readonly: false,
  ...more,
});

/** Those of the programs that carry the mark. */
const leftovers = (): string[] =>
  readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "latin1").includes("multihull-mark");
      } catch {
        return false;
      }
    });

describe.skipIf(why !== undefined)(`a cell without namespaces${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  test("runs in the copied root and tells how it ended; nothing of the system's own places stays", async () => {
    const got = await run('pwd; id -u; ls /dev | tr "\\n" " "; echo x > /dev/null; cat /etc/resolv.conf /etc/hosts; echo new > /new; exit 3', {
      workdir: "/a/b",
    });
    expect(got.output).toBe(
      "/a/b\n0\nfd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero nameserver 192.0.2.1\n127.0.0.1 localhost\n",
    );
    expect([got.exitCode, got.signal]).toEqual([3, undefined]);
    expect(got.changes).toEqual(["a", "a/b", "new"]);
  });

  test("runs as the user, with bounded capabilities, out of the machine's files", async () => {
    const got = await run("id -u; id -g; touch /no 2>&1; ls /work 2>&1; grep -c . /proc/self/status 2>&1", { user: "1234:5" });
    expect(got.output).toBe(
      "1234\n5\ntouch: /no: Permission denied\nls: /work: No such file or directory\ngrep: /proc/self/status: No such file or directory\n",
    );
  });

  test("has neither the right to change its root nor to make devices, which would be ways out", async () => {
    const got = await run("mkdir /j; chroot /j /bin/true 2>&1; mknod /n b 8 0 2>&1; mknod /n c 1 3 2>&1; mknod /f p && echo fifo");
    expect(got.output.replaceAll(/.*: Operation not permitted/g, "EPERM")).toBe("EPERM\nEPERM\nEPERM\nfifo\n");
  });

  test("has its limits from the start", async () => {
    const ulimits = [
      { name: "nofile", soft: 77, hard: 99 },
      { name: "core", soft: 0, hard: 0 },
    ];
    expect((await run("ulimit -n; ulimit -Hn; ulimit -c; cat", { ulimits })).output).toBe("77\n99\n0\n");
    await expect(run("true", { ulimits: [{ name: "nofile", soft: 9, hard: 5 }] })).rejects.toMatchObject({ refusal: { code: "run-failed" } });
  });

  test("secrets are there, and gone afterwards; so are tmpfs and files of other layers", async () => {
    const mounts: MountOrder[] = [
      file("/run/secrets/deep/s", "hush"),
      { kind: "tmpfs", target: "/tmp/t" },
      { kind: "files", target: "/src", layers: ["base"], path: "bin", writable: true },
    ];
    const got = await run("cat /run/secrets/deep/s; echo x > /tmp/t/x; test -x /src/busybox && echo y > /src/y; echo kept > /kept", { mounts });
    expect(got.output).toBe("hush");
    expect(got.changes).toEqual(["kept"]);
    expect(existsSync(`${got.root}/run/secrets`)).toBe(false);
  });

  test("secrets are removed when the program fails, is stopped, or cannot be started", async () => {
    const mounts = [file("/s", "hush")];
    expect((await run("exit 1", { mounts })).changes).toEqual([]);
    const stopped = await start("echo on; exec sleep 1000", { mounts });
    await stopped.printed;
    stopped.cell.stop();
    expect(await stopped.ended).toMatchObject({ exitCode: 137, signal: "SIGKILL", changes: [] });
    const before = readdirSync(`${area}/work`);
    await expect(run("", { mounts, arguments: ["/gone"] })).rejects.toThrow(CellRefusal);
    for (const name of readdirSync(`${area}/work`).filter((one) => !before.includes(one))) expect(existsSync(`${area}/work/${name}/root/s`)).toBe(false);
  });

  test("another name of a secret goes with it", async () => {
    expect((await run("ln /s /mine", { mounts: [file("/s", "hush")] })).changes).toEqual([]);
  });

  test.each([
    ["moved away", "mv /d/s /mine"],
    ["linked to and removed", "ln /d/s /mine; rm /d/s"],
    ["below a folder that became a link to outside", "mv /d /e; ln -s /../../../../../../tmp /d"],
  ])("a secret that was %s is found and removed, and the step refused", async (_, script) => {
    const step = await start(`mkdir -p /d; ${script}`, { mounts: [file("/d/s", "hush")] });
    await expect(step.ended).rejects.toMatchObject({ refusal: { code: "run-failed" } });
    const [work] = readdirSync(`${area}/work`).slice(-1);
    for (const path of ["mine", "d/s", "e/s"]) expect(lstatSync(`${area}/work/${work}/root/${path}`, { throwIfNoEntry: false })?.isFile() ?? false).toBe(false);
  });

  test("a cache keeps what programs write; a read-only one does not; two at a time wait for each other", async () => {
    expect((await run("echo 1 > /c/a", { mounts: [cache("/c")] })).changes).toEqual([]);
    expect((await run("cat /c/a; echo 2 > /c/b", { mounts: [cache("/c", { readonly: true })] })).output).toBe("1\n");
    expect(readdirSync(`${area}/caches/0`)).toEqual(["a"]);
    const both = await Promise.all([
      run("echo x >> /c/n; sleep 0.1; wc -l < /c/n", { mounts: [cache("/c")] }),
      run("echo x >> /c/n; wc -l < /c/n", { mounts: [cache("/c")] }),
    ]);
    expect(both.map(({ output }) => output.trim()).sort()).toEqual(["1", "2"]);
  });

  test("a socket of the area can be connected to", async () => {
    const server = createServer((connection) => connection.end("served\n"));
    await new Promise<void>((done) => server.listen(`${area}/run/s`, done));
    const got = await run("test -S /agent && echo socket", {
      mounts: [{ kind: "socket", target: "/agent", socket: "run/s", mode: 0o600, uid: 0, gid: 0 }],
    });
    server.close();
    expect(got).toMatchObject({ output: "socket\n", changes: [] });
  });

  test("what the program leaves behind is killed, also by stopping it", async () => {
    const daemon = "(setsid sh -c 'sleep 1000; : multihull-mark' >/dev/null 2>&1 &); (setsid setsid sh -c 'sleep 1000; : multihull-mark' &)";
    expect((await run(`${daemon}; echo done`)).output).toBe("done\n");
    expect(leftovers()).toEqual([]);
    const stopped = await start(`${daemon}; echo on; sleep 1000`);
    await stopped.printed;
    stopped.cell.stop();
    expect((await stopped.ended).signal).toBe("SIGKILL");
    expect(leftovers()).toEqual([]);
  });

  const refusals: Record<string, { more: Partial<ProgramOrder>; message: RegExp }> = {
    "no such program": { more: { arguments: ["gone"] }, message: /program "gone" was not found/ },
    "no such user": { more: { user: "nobody-here" }, message: /no user "nobody-here"/ },
    "no network": { more: { network: "none" }, message: /network namespace/ },
    "a mount over the root": { more: { mounts: [{ kind: "tmpfs", target: "/" }] }, message: /whole root/ },
  };
  test.each(Object.entries(refusals))("refused: %s", async (_, { more, message }) => {
    const step = await start("exit 0", more);
    await expect(step.ended).rejects.toThrow(message);
  });

  test("stopped while it waits for a cache that another program has", async () => {
    const other = await start("echo on; sleep 1000", { mounts: [cache("/c")] });
    await other.printed;
    const step = await start("echo never", { mounts: [cache("/c")] });
    step.cell.stop();
    await expect(step.ended).rejects.toMatchObject({ refusal: { code: "interrupted" } });
    other.cell.stop();
    expect((await other.ended).signal).toBe("SIGKILL");
    expect(readdirSync(`${area}/caches`)).toEqual(["0"]);
  });
});
