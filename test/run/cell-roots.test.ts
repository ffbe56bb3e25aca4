import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Candidate, candidateWorlds } from "../../src/adapters/node/sandbox/enter/candidates.ts";
import { neededFolders, revealing } from "../../src/adapters/node/sandbox/enter/reveal.ts";
import { wardenProgram } from "../../src/adapters/node/sandbox/warden-program.ts";
import { startKeyAgent } from "../../src/adapters/node/ssh/key-agent.ts";
import { readKeyFile } from "../../src/adapters/node/ssh/key-file.ts";
import { type Digest, digestOf } from "../../src/core/digest.ts";
import { hostRootTar, nodeLayerTar, sandboxHere, which } from "../harness/sandbox-base.ts";
import { enteredThrough, type RoomEntry, type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();
const why = missing === undefined ? "" : ` (${missing})`;
const folder = (path: string, more: Partial<RoomEntry> = {}): RoomEntry => ({ path, type: "directory", ...more });
const file = (path: string, text = "", more: Partial<RoomEntry> = {}): RoomEntry => ({ path, text, ...more });
const link = (path: string, to: string): RoomEntry => ({ path, type: "symlink", link: to, mode: 0o777 });
/** cap_net_raw=ep, revision 2: five numbers, little endian. */
const CAPABILITY = ["01000002", "00200000", "00000000", "00000000", "00000000"].join("");
const SET_ATTRIBUTES = `
  const set = require("koffi").load(null).func("int setxattr(const char*, const char*, const uint8_t*, size_t, int)");
  const fs = require("fs");
  fs.writeFileSync("/attributed", "");
  fs.writeFileSync("/able", "");
  const put = (path, name, value) => set(path, name, value, value.length, 0);
  console.log([put("/attributed", "user.one", Buffer.from([0x31, 0, 0xff])), put("/attributed", "user.empty", Buffer.alloc(0)), put("/d/one", "user.two", Buffer.from("2")),
    put("/able", "security.capability", Buffer.from("${CAPABILITY}", "hex"))].join(" "));
`;
/** Whiteouts come where what they hide would. */
const hidden = (path: string): string => path.replace(".wh.", "");
const isRoot = process.getuid?.() === 0;

/** The store is upon an overlay file system, which cannot be part of another: `work` is what the upper one is written to, for as long as the warden lives. */
const STORE_ON_OVERLAY = `
area=$PWD
mount -t tmpfs none work
mkdir work/upper work/work work/run
chown --reference=. work/upper
mount --bind run work/run
mount -t overlay none -o "lowerdir=$area,upperdir=$area/work/upper,workdir=$area/work/work" "$area"
mount --bind work/run "$area/run"
cd "$area"
`;
const MASKED_PROC = "mount --bind /dev/null /proc/timer_list";
const OTHER_USER = 4242;

/** An ordinary user without further ids, played by root where root runs the tests. */
function singleId(): Candidate {
  if (!isRoot) return candidateWorlds()[1] as Candidate;
  const ids = [{ inside: 0, outside: OTHER_USER, count: 1 }];
  const [unshare, sh, setpriv] = ["unshare", "sh", "setpriv"].map((name) => which(name) as string) as [string, string, string];
  const become = [setpriv, "--reuid", String(OTHER_USER), "--regid", String(OTHER_USER), "--clear-groups", "--bounding-set", "-all", "--pdeathsig", "KILL"];
  const command = [
    ...revealing(neededFolders(wardenProgram()), { unshare, sh }),
    ...become,
    unshare,
    "-U",
    "--map-root-user",
    "-m",
    "-p",
    "-f",
    "--kill-child=SIGKILL",
    "--propagation",
    "private",
  ];
  return { world: "single-id", uids: ids, gids: ids, enter: async () => ({ command, release: () => {} }) };
}

const WORLDS: readonly {
  readonly name: string;
  readonly candidate: () => Candidate | undefined;
  readonly overlay: boolean;
  readonly ids: boolean;
  readonly rootOnly: boolean;
}[] = [
  { name: "the best world that there is", candidate: () => undefined, overlay: true, ids: true, rootOnly: true },
  { name: "with a store upon an overlay: copies", candidate: () => enteredThrough(STORE_ON_OVERLAY), overlay: false, ids: true, rootOnly: true },
  { name: "where a fresh /proc is refused", candidate: () => enteredThrough(MASKED_PROC), overlay: true, ids: true, rootOnly: true },
  { name: "of one id", candidate: singleId, overlay: true, ids: false, rootOnly: false },
];

for (const { name, candidate, overlay, ids, rootOnly } of WORLDS) {
  const lacking = missing ?? (rootOnly && !isRoot ? "only root can play it" : undefined);
  describe.skipIf(lacking !== undefined)(`programs in a world ${name}${lacking === undefined ? "" : ` (${lacking})`}`, () => {
    let room: SandboxRoom;
    let low: Digest;
    beforeAll(async () => {
      const chosen = candidate();
      room = await sandboxRoom(chosen === undefined ? {} : { candidate: chosen });
      low = await room.layer(
        folder("d"),
        file("d/one", "one"),
        file("d/two", "two"),
        folder("d/sub"),
        file("d/sub/three", "three"),
        folder("e"),
        file("e/x", "x"),
        file("f", "file", { uid: ids ? 7 : 0, gid: ids ? 8 : 0 }),
        { path: "h1", type: "file", text: "hard" },
        { path: "h2", type: "hardlink", link: "h1" },
        link("l", "f"),
        folder("owned", ids ? { uid: 1000, gid: 10, mode: 0o2775 } : {}),
      );
    });
    afterAll(async () => expect(await room.close()).toEqual([]));

    test("is the one that is meant", () => {
      expect(room.warden.overlay).toBe(overlay);
      expect(room.warden.ids > 1).toBe(ids);
    });

    test.each<[name: string, script: string, changes: Record<string, string>]>([
      ["nothing", "cat /d/one > /dev/null; ls /d", {}],
      ["a file that is changed", "echo -n more >> /d/one", { d: "directory", "d/one": "file onemore" }],
      ["a file that is written as it was", "cat /d/one > /tmp/c; cat /tmp/c > /d/one; rm /tmp/c", { d: "directory", "d/one": "file one" }],
      ["a new file", "echo -n new > /d/new", { d: "directory", "d/new": "file new" }],
      ["a file that is gone", "rm /d/one", { d: "directory", "d/.wh.one": "file " }],
      ["a file that was made and is gone", "echo x > /d/new; rm /d/new", {}],
      ["a folder that is gone", "rm -r /d", { ".wh.d": "file " }],
      [
        "a folder that is made anew",
        "rm -r /d; mkdir /d; echo -n x > /d/new",
        { d: "directory", "d/.wh.one": "file ", "d/.wh.sub": "file ", "d/.wh.two": "file ", "d/new": "file x" },
      ],
      ["a folder in the place of a file", "rm /f; mkdir /f; echo -n x > /f/x", { f: "directory", "f/x": "file x" }],
      ["a file in the place of a folder", "rm -r /d; echo -n x > /d", { d: "file x" }],
      ["a link in the place of a folder", "rm -r /d; ln -s e /d", { d: "symlink e" }],
      ["a folder in the place of a link", "rm /l; mkdir /l", { l: "directory" }],
      ["a file that has another name", "mv /d/one /d/uno", { d: "directory", "d/.wh.one": "file ", "d/uno": "file one" }],
      ["a folder that has another name", "mv /e /g", { ".wh.e": "file ", g: "directory", "g/x": "file x" }],
      ["another mode", "chmod 600 /d/one", { d: "directory", "d/one": "file one" }],
      ["another mode of a folder", "chmod 700 /d", { d: "directory" }],
      ["hard links", "echo -n a > /n1; ln /n1 /n2", { n1: "file a", n2: "hardlink n1" }],
      ["a fifo, a socket's place, a link to nowhere", "mkfifo /p; ln -s /no/where /s", { p: "fifo", s: "symlink /no/where" }],
      [
        "names that are none of ours",
        "touch '/.hidden' '/with space' \"/with\nline\" /ä '/.wh'",
        { ".hidden": "file ", ".wh": "file ", "with\nline": "file ", "with space": "file ", ä: "file " },
      ],
      ["a sparse file", "truncate -s 1M /sparse", { sparse: `file ${"\0".repeat(1_048_576)}` }],
    ])("what a program changes comes back: %s", async (_, script, wanted) => {
      const { changes, code, err } = await room.run(script, { upon: [low] });
      expect([code, err]).toEqual([0, ""]);
      const got = Object.fromEntries(
        [...changes].map(([path, { type, text, link: to }]) => [path, type === "file" ? `file ${text}` : to === undefined ? type : `${type} ${to}`]),
      );
      expect(got).toEqual(wanted);
      expect([...changes.keys()].map(hidden)).toEqual([...changes.keys()].map(hidden).sort());
    });

    test.skipIf(!ids)("with owners, setuid and sticky modes, attributes and times", async () => {
      const { changes, code, err } = await room.run(
        "cd /; echo x > o; chown 1000:10 o; chmod 6755 o; mkdir t; chmod 1777 t; chown 65534:65533 t; ln -s x s; chown -h 3:4 s; touch -d '2001-02-03 04:05:06 UTC' o; chown 9 f; touch owned/in",
        { upon: [low] },
      );
      expect([code, err]).toEqual([0, ""]);
      const of = (path: string): unknown[] => {
        const { mode, uid, gid } = changes.get(path) ?? {};
        return [mode?.toString(8), uid, gid];
      };
      expect({ o: of("o"), t: of("t"), s: of("s"), f: of("f"), owned: of("owned"), in: of("owned/in") }).toEqual({
        o: ["6755", 1000, 10],
        t: ["1777", 65_534, 65_533],
        s: ["777", 3, 4],
        f: ["644", 9, 8],
        owned: ["2775", 1000, 10],
        in: ["644", 0, 10],
      });
      expect(changes.get("o")?.mtime).toBe(981_173_106);
    });

    test("with rights of files", async () => {
      const tar = nodeLayerTar() as Buffer;
      const node = await room.unpack(tar);
      const { out, err, changes } = await room.run(["/bin/node", "-e", SET_ATTRIBUTES], { upon: [low, node], environment: ["NODE_PATH=/node_modules"] });
      expect([out, err]).toEqual(["0 0 0 0\n", ""]);
      const of = (path: string): Record<string, string> =>
        Object.fromEntries([...(changes.get(path)?.xattrs ?? [])].map(([key, value]) => [key, Buffer.from(value).toString("hex")]));
      // As Docker has it: rights, without the number of the namespace's root, and no other attribute.
      expect([of("attributed"), of("d/one"), of("able")]).toEqual([{}, {}, { "security.capability": CAPABILITY }]);
    });

    test("a program upon what another has changed, kept, finds just that", async () => {
      const first = await room.start("rm -r /d/sub; echo -n changed > /d/one; mkdir /k; echo -n k > /k/k; mv /e /g; rm /h1", { upon: [low] });
      const kept = digestOf(Buffer.from(`kept ${name}`));
      await first.end.keepAs(kept);
      const second = await room.run("ls /d; cat /d/one /k/k /g/x; ls -d /e 2>/dev/null; cat /h2; rm /k/k; ls -A /k", { upon: [low, kept] });
      expect(second.out).toBe("one\ntwo\nchangedkxhard");
      expect([...second.changes.keys()]).toEqual(["k", "k/.wh.k"]);
    });

    test("layers that contradict each other: the higher one counts", async () => {
      const other = await room.layer(
        file("d", "a file now"),
        folder("f"),
        file("f/x", "in a folder now"),
        file("e/.wh..wh..opq"),
        file("e/y", "y"),
        link("owned", "e"),
      );
      const { out } = await room.run("cat /d /f/x; ls /e /owned", { upon: [low, other] });
      expect(out).toBe("a file nowin a folder nowy\ny\n".replace("nowy\ny\n", "now/e:\ny\n\n/owned:\ny\n"));
      const { changes } = await room.run("rm /d; mkdir /d; touch /d/x; rm -r /f", { upon: [low, other] });
      expect([...changes.keys()]).toEqual(["d", "d/x", ".wh.f"]);
    });

    test("layers that tell of folders only by what is in them", async () => {
      const other = await room.layer(file("owned/deep/er/file", "x"));
      const { out } = await room.run("stat -c '%a %u %g' /owned /owned/deep", { upon: [low, other] });
      expect(out).toBe(ids ? "2775 1000 10\n755 0 0\n" : "755 0 0\n755 0 0\n");
    });

    test("the root's own mode and owner are those that the layers tell", async () => {
      const other = await room.layer(folder("", { mode: 0o711, uid: ids ? 5 : 0 }));
      const { out, changes } = await room.run("stat -c '%a %u' /; touch /new", { upon: [other] });
      expect(out).toBe(ids ? "711 5\n" : "711 0\n");
      expect([...changes.keys()]).toEqual(["new"]);
    });

    test("mounts, stubs, secrets, users: as everywhere", async () => {
      const { out, changes, code } = await room.run(
        "cat /m/one /run/secrets/key /c/kept; echo x > /t/x; touch /new; ls /proc/self/fd > /dev/null && echo proc; id > /dev/null",
        {
          upon: [low],
          mounts: [
            { kind: "files", target: "/m", layers: [low], path: "d", writable: false },
            { kind: "file", target: "/run/secrets/key", content: Buffer.from("hunter2\n"), mode: 0o400, uid: 0, gid: 0 },
            {
              kind: "cache",
              target: "/c",
              id: "c",
              sharing: "shared",
              mode: 0o755,
              uid: 0,
              gid: 0,
              readonly: false,
              seed: { layers: [await room.layer(file("kept", "kept\n"))], path: "" },
            },
            { kind: "tmpfs", target: "/t" },
          ],
        },
      );
      expect([code, out]).toEqual([0, "onehunter2\nkept\nproc\n"]);
      expect([...changes.keys()]).toEqual(["new"]);
    });

    test("a user of the image", async () => {
      const { out } = await room.run("echo $HOME; touch /tmp/mine && stat -c %u /tmp/mine; touch /etc/x 2>/dev/null && echo written", { user: "app" });
      // With one id there is nobody else to be: every file is the user's own.
      expect(out).toBe(ids ? "/home/app\n1000\n" : "/home/app\n0\nwritten\n");
    });

    test.skipIf(ids)("owners and ids can be changed, as it seems, and devices made: package managers insist", async () => {
      const { out, code, changes } = await room.run(
        "chown 1000:10 /f && chown -h 5 /l && mknod /device c 1 3; echo $?; ls /device 2>/dev/null; stat -c %u /f; mkfifo /fifo && echo fifo",
        { upon: [low] },
      );
      expect([code, out]).toEqual([0, "0\n0\nfifo\n"]);
      expect([...changes.keys()]).toEqual(["fifo"]);
    });

    test.skipIf(ids)("apt is told to stay who it is, by a file that does not stay", async () => {
      const upon = [await room.layer(folder("etc/apt/apt.conf.d"))];
      const { out, changes } = await room.run("cat /etc/apt/apt.conf.d/*", { upon });
      expect(out).toBe('APT::Sandbox::User "root";\n');
      expect([...changes.keys()]).toEqual([]);
    });

    test("nothing of the machine can be written, seen or killed", async () => {
      const { out } = await room.run(
        "(echo x > /proc/sys/kernel/core_pattern) 2>/dev/null && echo core; cat /proc/kcore 2>/dev/null | head -c 1 | wc -c; kill -9 -1 2>/dev/null; mount -t tmpfs none /tmp 2>/dev/null && echo mounted; unshare -Ur true 2>/dev/null && echo unshared; grep -E '^Seccomp:|^CapBnd' /proc/self/status",
      );
      expect(out).toBe(`0\nCapBnd:\t00000000a80425fb\nSeccomp:\t${["x64", "arm64", "riscv64", "loong64"].includes(process.arch) ? 2 : 0}\n`);
    });

    test("what it leaves running ends, and it can be cancelled", async () => {
      expect((await room.run("(setsid sleep 86400 &); sleep 86400 & echo done")).out).toBe("done\n");
      const stop = new AbortController();
      await expect(room.run("(setsid sleep 86400 &); echo ready; sleep 86400", { signal: stop.signal, output: () => stop.abort() })).rejects.toMatchObject({
        code: "interrupted",
      });
      expect(room.left("work")).toEqual([]);
    });

    test("limits, and failures in words", async () => {
      expect((await room.run("ulimit -n", { ulimits: [{ name: "nofile", soft: 100, hard: 100 }] })).out).toBe("100\n");
      await expect(room.run(["/no/such"])).rejects.toMatchObject({ code: "run-failed" });
      await expect(room.run("true", { user: "nobody-here" })).rejects.toMatchObject({ code: "run-failed" });
    });
  });
}

describe.skipIf(missing !== undefined)(`roots that mean ill, or too much${why}`, () => {
  let room: SandboxRoom;
  beforeAll(async () => {
    room = await sandboxRoom();
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  test("500 layers", async () => {
    const layers: Digest[] = [];
    for (let at = 0; at < 499; at++) layers.push(await room.layer(file(`many/${at}`, String(at)), file("last", String(at))));
    const { out, changes } = await room.run("ls /many | wc -l; cat /last; cat /many/0 /many/498; rm /many/7; echo -n x > /many/9", { upon: layers });
    expect(out).toBe("499\n4980498");
    expect([...changes.keys()]).toEqual(["many", "many/.wh.7", "many/9"]);
    const mounted = await room.run("ls /m/many | wc -l; cat /m/last", { mounts: [{ kind: "files", target: "/m", layers, path: "", writable: true }] });
    expect(mounted.out).toBe("499\n498");
  }, 120_000);

  const away = (path: string): RoomEntry => file(path.replace(/[^/]+$/, ".wh.$&"));
  const refused: readonly [name: string, entries: readonly RoomEntry[], message: RegExp][] = [
    ["/proc is a link", [away("proc"), link("proc", "/etc")], /^\/proc of the stage is a symlink, where the system's own is put/],
    ["/sys is a link", [away("sys"), link("sys", "/tmp")], /^\/sys of the stage is a symlink/],
    ["/proc is a file", [file("proc")], /^\/proc of the stage is no folder/],
    ["/dev is a file", [file("dev")], /^\/dev of the stage is no folder/],
    ["/dev leads to /proc", [away("dev"), link("dev", "/proc")], /^\/dev of the stage leads to "\/proc"/],
    ["/dev leads to the root", [away("dev"), link("dev", "/")], /^\/dev of the stage leads to "\/"/],
    ["/dev leads into /sys", [away("dev"), link("dev", "sys/new")], /^\/dev of the stage leads to "\/sys\/new"/],
    ["/dev is a loop", [away("dev"), link("dev", "dev")], /^the path "\/dev" is a loop of symlinks$/],
    ["/etc/hosts is a folder", [folder("etc/hosts")], /^"\/etc\/hosts" is a folder in the stage; what is to be mounted there is a file$/],
    ["/etc/resolv.conf is a loop", [link("etc/resolv.conf", "resolv.conf")], /^the path "\/etc\/resolv.conf" is a loop of symlinks$/],
    ["/etc is a file", [file("etc", "")], /^the path "\/etc\/resolv.conf" leads through a file$/],
  ];
  test.each(refused)("%s: refused in words", async (_, entries, message) => {
    const upon = [await room.layer(...entries)];
    await expect(room.run("true", { upon })).rejects.toMatchObject({ code: "run-failed", message: expect.stringMatching(message) });
    expect(room.left("work")).toEqual([]);
  });

  test.each<[name: string, entries: readonly RoomEntry[], script: string, out: string, changes: readonly string[]]>([
    ["/dev leads to a folder", [away("dev"), link("dev", "tmp")], "echo x > /dev/null; ls /tmp/null", "/tmp/null\n", []],
    [
      "/dev leads to what is not there, which is made and stays",
      [away("dev"), link("dev", "not/yet")],
      "echo x > /dev/null; ls -A /not",
      "yet\n",
      ["not", "not/yet"],
    ],
    ["/etc/hosts leads to a file", [link("etc/hosts", "../tmp/hosts")], "sed -n 1p /tmp/hosts", "127.0.0.1\tlocalhost buildkitsandbox\n", []],
    ["/etc/resolv.conf leads out of the root", [link("etc/resolv.conf", "../../../../../run/x/stub")], "[ -s /run/x/stub ] && ls /run/x", "stub\n", []],
    ["/etc leads elsewhere", [away("etc"), link("etc", "usr/bin")], "ls /usr/bin | sort", "hosts\nresolv.conf\n", []],
    ["/etc/hosts is a fifo", [{ path: "etc/hosts", type: "fifo" }], "sed -n 1p /etc/hosts", "127.0.0.1\tlocalhost buildkitsandbox\n", []],
    [
      "/dev has things of its own",
      [file("dev/null", "a file"), link("dev/shm", "/etc"), link("dev/pts", "/etc"), file("dev/mine", "mine")],
      "cat /dev/null; ls /dev/mine 2>/dev/null; touch /dev/shm/x",
      "",
      [],
    ],
    [
      "no /dev, /proc or /sys: folders that stay",
      [away("dev"), away("proc"), away("sys")],
      "ls -d /proc/self /dev/null /sys",
      "/dev/null\n/proc/self\n/sys\n",
      ["dev", "proc", "sys"],
    ],
    ["passwd is a fifo", [{ path: "etc/passwd", type: "fifo" }], "echo $HOME", "/\n", []],
    ["passwd is huge", [file("etc/passwd", "x".repeat(11_000_000))], "echo $HOME", "/\n", []],
    ["passwd leads to the machine's", [link("etc/passwd", "/../../../../../etc/machine-id-of-nobody")], "echo $HOME", "/\n", []],
    ["nothing but a shell", [away("home"), away("root"), away("tmp"), away("usr"), away("var"), away("etc")], "ls /", "", []],
  ])("%s", async (name, entries, script, out, changed) => {
    const upon = [await room.layer(...entries)];
    const { out: printed, changes, code } = await room.run(script, { upon });
    expect(code).toBe(0);
    if (name === "nothing but a shell") expect(printed.split("\n")).toContain("bin");
    else expect(printed).toBe(out);
    expect([...changes.keys()]).toEqual(changed);
  });

  test.each([
    ["is a fifo", { path: "etc/passwd", type: "fifo" } as const, 'there is no user "app" in /etc/passwd of the stage'],
    ["is huge", file("etc/passwd", "x".repeat(11_000_000)), "/etc/passwd of the stage has 11000000 bytes, more than the 10485760 that are read to find a user"],
    [
      "has a line of other numbers",
      file("etc/passwd", "app:x:4294967295:0::/:/bin/sh\napp:x:-1:0::/:\napp:x:0x0:0::/:\n"),
      'there is no user "app" in /etc/passwd of the stage',
    ],
  ])("a user that is looked for in a passwd that %s is refused in words", async (_, entry, message) => {
    const upon = [await room.layer(entry)];
    await expect(room.run("true", { upon, user: "app" })).rejects.toMatchObject({ code: "run-failed", message });
  });

  test("an empty stage has no program", async () => {
    await expect(room.run(["/bin/sh"], { layers: [] })).rejects.toMatchObject({
      code: "run-failed",
      message: 'program "/bin/sh" cannot be run: there is no such file in the stage',
    });
  });
});

const keys = ["ssh-agent", "ssh-add", "ssh-keygen"].every((program) => which(program) !== undefined) ? missing : (missing ?? "OpenSSH is not installed");
describe.skipIf(keys !== undefined)(`OpenSSH's agent, in a program${keys === undefined ? "" : ` (${keys})`}`, () => {
  test("lists its keys and signs, for the user that it is for, and nobody can change it", async () => {
    const room = await sandboxRoom({ base: hostRootTar(["sh", "ssh-add", "ssh-keygen", "cat", "grep", "stat"]) as Buffer });
    const { execFileSync } = await import("node:child_process");
    const path = `${room.folder}/key`;
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "of-the-caller", "-f", path]);
    const agent = await startKeyAgent([{ path, content: readKeyFile(path, "--ssh x") }], process.env);
    try {
      const socket = { kind: "ssh-agent", target: "/run/buildkit/ssh_agent.0", socket: agent.socket, mode: 0o600, uid: 1000, gid: 1000 } as const;
      const more = { mounts: [socket], environment: ["PATH=/bin", "SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"], user: "app" };
      const listed = await room.run(
        "ssh-add -l; ssh-add -L > /tmp/key.pub; echo text > /tmp/text; ssh-keygen -q -Y sign -U -n test -f /tmp/key.pub /tmp/text && grep -c SIGNATURE /tmp/text.sig",
        more,
      );
      expect(listed.out).toMatch(/^256 SHA256:\S+ of-the-caller \(ED25519\)\n2\n$/);
      expect((await room.run("ssh-add -D", more)).code).not.toBe(0);
      expect((await room.run("ssh-add -l", { ...more, user: "12:34" })).code).not.toBe(0);
      expect((await room.run("ssh-add -l", more)).out).toMatch(/of-the-caller/);
      const two = await Promise.all([1, 2, 3].map(() => room.run("ssh-add -l", more)));
      expect(two.every(({ code }) => code === 0)).toBe(true);
    } finally {
      await agent.close();
    }
    expect(await room.close()).toEqual([]);
  });
});
