import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Digest } from "../../src/core/digest.ts";
import type { SandboxMount } from "../../src/engine/sandbox.ts";
import { sandboxHere } from "../harness/sandbox-base.ts";
import { type RoomEntry, type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();
const folder = (path: string, more: Partial<RoomEntry> = {}): RoomEntry => ({ path, type: "directory", ...more });
const file = (path: string, text = "", more: Partial<RoomEntry> = {}): RoomEntry => ({ path, text, ...more });
const link = (path: string, to: string): RoomEntry => ({ path, type: "symlink", link: to, mode: 0o777 });

describe.skipIf(missing !== undefined)(`mounts of a program${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  let low: Digest;
  let high: Digest;
  beforeAll(async () => {
    room = await sandboxRoom();
    low = await room.layer(folder("a"), file("a/one", "low one"), file("a/two", "low two"), folder("a/deep/er"), file("f", "a file"), link("a/link", "one"));
    high = await room.layer(folder("a"), file("a/one", "high one"), file("a/.wh.two"), file("a/three", "high three", { mode: 0o640, uid: 5, gid: 6 }));
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  const files = (target: string, more: Partial<Extract<SandboxMount, { kind: "files" }>> = {}): SandboxMount => ({
    kind: "files",
    target,
    layers: [low, high],
    path: "a",
    writable: false,
    ...more,
  });
  const cache = (target: string, id: string, more: Partial<Extract<SandboxMount, { kind: "cache" }>> = {}): SandboxMount => ({
    kind: "cache",
    target,
    id,
    sharing: "shared",
    mode: 0o755,
    uid: 0,
    gid: 0,
    readonly: false,
    ...more,
  });
  const secret = (target: string, text: string, more: Partial<Extract<SandboxMount, { kind: "file" }>> = {}): SandboxMount => ({
    kind: "file",
    target,
    content: Buffer.from(text),
    mode: 0o400,
    uid: 0,
    gid: 0,
    ...more,
  });
  const tmpfs = (target: string, more: Partial<Extract<SandboxMount, { kind: "tmpfs" }>> = {}): SandboxMount => ({ kind: "tmpfs", target, ...more });

  describe("files of layers", () => {
    test("are seen as the layers together have them, with owners and modes", async () => {
      const { out } = await room.run("cd /m; ls -A; cat one three link; stat -c '%a %u %g' three", { mounts: [files("/m")] });
      expect(out).toBe("deep\nlink\none\nthree\nhigh onehigh threehigh one640 5 6\n");
    });
    test.each([
      ["the whole of them", "", "/m", "ls /m", "a\nf\n"],
      ["one file", "f", "/m/file", "cat /m/file", "a file"],
      ["one file upon one that is there", "f", "/etc/passwd", "cat /etc/passwd", "a file"],
      ["a folder within", "a/deep", "/m", "ls /m", "er\n"],
      ["of one layer alone", "a", "/m", "ls /m", "deep\nlink\none\ntwo\n"],
    ])("%s", async (name, path, target, script, out) => {
      const layers = name.includes("alone") ? [low] : [low, high];
      expect((await room.run(script, { mounts: [files(target, { path, layers })] })).out).toBe(out);
    });
    test("of no layer are an empty folder", async () => {
      expect((await room.run("ls -A /m; stat -c '%F %a' /m", { mounts: [files("/m", { path: "", layers: [] })] })).out).toBe("directory 755\n");
    });
    test("cannot be written when they are read-only, also not by way of the folder's mode or times", async () => {
      const { out } = await room.run(
        "for c in 'touch /m/new' 'rm /m/one' 'chmod 777 /m' 'touch /m/one' 'mkdir /m/d'; do $c 2>/dev/null && echo $c; done; echo end",
        { mounts: [files("/m")] },
      );
      expect(out).toBe("end\n");
    });
    test("can be written when they are writable, and that is forgotten", async () => {
      const mounts = [files("/m", { writable: true })];
      const first = await room.run("echo x > /m/new && rm /m/one && echo y >> /m/three && ls -A /m", { mounts });
      expect(first.out).toBe("deep\nlink\nnew\nthree\n");
      expect([...first.changes.keys()]).toEqual([]);
      expect((await room.run("ls -A /m; cat /m/one", { mounts })).out).toBe("deep\nlink\none\nthree\nhigh one");
    });
    test("of the very files that the program runs upon are apart from them", async () => {
      const { out, changes } = await room.run("echo x > /m/etc/new; echo y > /etc/newer; ls /m/etc/newer 2>/dev/null; ls /etc/new 2>/dev/null; echo end", {
        mounts: [files("/m", { layers: [room.base], path: "", writable: true })],
      });
      expect(out).toBe("end\n");
      expect([...changes.keys()]).toEqual(["etc", "etc/newer"]);
    });
    test("are not seen where a higher layer hides all that is below it", async () => {
      const hiding = await room.layer(file(".wh..wh..opq"), file("new"));
      expect((await room.run("ls -A /m", { mounts: [files("/m", { path: "", layers: [low, hiding] })] })).out).toBe("new\n");
      expect((await room.run("ls -A /c", { mounts: [cache("/c", "hiding", { seed: { layers: [low, hiding], path: "" } })] })).out).toBe("new\n");
    });
    test("that are not there are refused in words", async () => {
      await expect(room.run("true", { mounts: [files("/m", { path: "no/such" })] })).rejects.toMatchObject({
        code: "run-failed",
        message: 'there is no "/no/such" among the files to be mounted',
      });
    });
  });

  describe("a tmpfs", () => {
    test("is empty, for everybody, and forgotten", async () => {
      const { out, changes } = await room.run("stat -c %a /t; ls -A /t; echo x > /t/new; cat /t/new", { mounts: [tmpfs("/t")], user: "app" });
      expect(out).toBe("1777\nx\n");
      expect([...changes.keys()]).toEqual([]);
    });
    test.each([
      ["has the size that it is told", { bytes: 1_048_576 }, "1048576\n"],
      ["takes no size for none", { bytes: 0 }, "3000000\n"],
    ])("%s", async (_, more, out) => {
      expect((await room.run("head -c 3000000 /dev/zero 2>/dev/null > /t/all; stat -c %s /t/all", { mounts: [tmpfs("/t", more)] })).out).toBe(out);
    });
    test("is read-only when it is told", async () => {
      expect(
        (
          await room.run("touch /t/new 2>/dev/null || echo refused; grep ' /t ' /proc/self/mountinfo | sed 's/.* \\(r[ow]\\),nosuid.*/\\1/'", {
            mounts: [tmpfs("/t", { readonly: true })],
          })
        ).out,
      ).toBe("refused\nro\n");
    });
    test("covers what is there, which is there again for the next", async () => {
      expect((await room.run("ls /etc/passwd 2>/dev/null; ls /etc", { mounts: [tmpfs("/etc")] })).out).toBe("");
      expect((await room.run("ls /etc/passwd")).out).toBe("/etc/passwd\n");
    });
  });

  describe("a secret", () => {
    test("has its mode and owner, cannot be written or removed, and is not there afterwards", async () => {
      const { out, changes } = await room.run(
        "stat -c '%a %u %g' /run/secrets/key; cat /run/secrets/key; (echo x > /run/secrets/key) 2>/dev/null; rm -f /run/secrets/key 2>/dev/null; mv /run/secrets/key /run/moved 2>/dev/null; ln /run/secrets/key /run/linked 2>/dev/null; ls /run /run/secrets",
        { mounts: [secret("/run/secrets/key", "hunter2\n", { mode: 0o440, uid: 7, gid: 8 })] },
      );
      expect(out).toBe("440 7 8\nhunter2\n/run:\nsecrets\n\n/run/secrets:\nkey\n");
      expect([...changes.keys()]).toEqual([]);
    });
    test("whose folder is moved away leaves its empty place there, as with BuildKit, and no word of it", async () => {
      const { changes } = await room.run("mv /run/secrets /moved", { mounts: [secret("/run/secrets/key", "hunter2")] });
      expect([...changes].map(([path, { text }]) => [path, text])).toEqual([
        ["moved", ""],
        ["moved/key", ""],
      ]);
    });
    test("is kept from users that it is not for", async () => {
      const mounts = [secret("/s", "hunter2")];
      expect((await room.run("cat /s 2>/dev/null || echo refused", { mounts, user: "app" })).out).toBe("refused\n");
      expect((await room.run("cat /s", { mounts: [secret("/s", "hunter2", { uid: 1000 })], user: "app" })).out).toBe("hunter2");
    });
    test("of any bytes, of none, and of half a million", async () => {
      const mounts = [secret("/none", ""), secret("/bytes", "", { content: Uint8Array.from([0, 255, 10, 13]) }), secret("/much", "x".repeat(512_000))];
      expect((await room.run("cat /none | wc -c; cat /bytes | wc -c; tr -d x < /much | wc -c; cat /much | wc -c", { mounts })).out).toBe("0\n4\n0\n512000\n");
    });
    test("is on no disk while the program runs", async () => {
      const word = `secret-${process.pid}-on-no-disk`;
      const found: string[] = [];
      const stop = new AbortController();
      const running = room.run("echo ready; sleep 86400", {
        mounts: [secret("/s", `${word}\n`)],
        signal: stop.signal,
        output: () => {
          for (const entry of readdirSync(room.folder, { recursive: true, withFileTypes: true }))
            if (entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(word)) found.push(entry.name);
          stop.abort();
        },
      });
      await expect(running).rejects.toMatchObject({ code: "interrupted" });
      expect(found).toEqual([]);
    });
    test("that is a program can be run, with its mode", async () => {
      const mounts = [secret("/dev/pipes/EOF", "#!/bin/sh\necho ran $0\n", { mode: 0o755 })];
      expect((await room.run(["/dev/pipes/EOF"], { mounts })).out).toBe("ran /dev/pipes/EOF\n");
    });
  });

  describe("a cache", () => {
    test("is made with its owner and mode, and keeps what is in it", async () => {
      const mounts = [cache("/c", "owner", { mode: 0o750, uid: 1000, gid: 10 })];
      expect((await room.run("stat -c '%a %u %g' /c; ls -A /c; echo x > /c/kept", { mounts, user: "app" })).out).toBe("750 1000 10\n");
      // What is there is not made anew with another's owner.
      expect((await room.run("stat -c '%a %u %g' /c; cat /c/kept", { mounts: [cache("/c", "owner", { mode: 0o700 })] })).out).toBe("750 1000 10\nx\n");
    });
    test("begins with its seed: contents, owners, modes, links, times and attributes", async () => {
      const seed = await room.layer(
        folder("s", { mode: 0o751, uid: 3, gid: 4, mtime: 1_234_567_890 }),
        file("s/f", "seed", { mode: 0o640, uid: 5, gid: 6, mtime: 1_111_111_111, xattrs: new Map([["user.mark", Buffer.from("yes")]]) }),
        link("s/l", "f"),
        { path: "s/h", type: "hardlink", link: "s/f" },
        { path: "s/p", type: "fifo", mode: 0o600 },
        file("s/suid", "", { mode: 0o4755 }),
      );
      const mounts = [cache("/c", "seeded", { seed: { layers: [low, seed], path: "s" }, mode: 0o700, uid: 9 })];
      const { out } = await room.run(
        "stat -c '%n %F %a %u %g %Y %h' /c /c/f /c/p /c/suid; readlink /c/l; cat /c/h; [ /c/f -ef /c/h ] && echo same; echo more > /c/f",
        { mounts },
      );
      expect(out).toBe(
        "/c directory 751 3 4 1234567890 2\n/c/f regular file 640 5 6 1111111111 2\n/c/p fifo 600 0 0 1000000000 1\n/c/suid regular empty file 4755 0 0 1000000000 1\nf\nseedsame\n",
      );
      // A second program finds what the first has left, and not the seed.
      expect((await room.run("cat /c/h", { mounts })).out).toBe("more\n");
    });
    test("whose seed is not there is refused in words, and made when it is there", async () => {
      const mounts = (path: string): SandboxMount[] => [cache("/c", "late", { seed: { layers: [low], path } })];
      await expect(room.run("true", { mounts: mounts("no") })).rejects.toMatchObject({ code: "run-failed" });
      expect((await room.run("ls /c", { mounts: mounts("a") })).out).toBe("deep\nlink\none\ntwo\n");
    });
    test("that is read-only cannot be written", async () => {
      await room.run("echo x > /c/kept", { mounts: [cache("/c", "read")] });
      expect((await room.run("cat /c/kept; touch /c/new 2>/dev/null || echo refused", { mounts: [cache("/c", "read", { readonly: true })] })).out).toBe(
        "x\nrefused\n",
      );
    });

    /** Two programs at the same time: the second starts when the first has printed, and the first ends when the second has told it by way of `tell`. */
    const both = async (sharing: "shared" | "private", first: string, second: string): Promise<[string, string]> => {
      const id = `${sharing}-${Math.random()}`;
      let begun = (): void => {};
      const ready = new Promise<void>((done) => (begun = done));
      const printed: string[] = [];
      const meeting = cache("/meet", `meet-${id}`);
      const mounts = [cache("/c", id, { sharing }), meeting];
      const one = room.run(first, {
        mounts,
        output: (_, bytes) => {
          printed.push(Buffer.from(bytes).toString());
          begun();
        },
      });
      await ready;
      const two = await room.run(second, { mounts });
      await one;
      return [printed.join(""), two.out];
    };
    test("that is shared is one folder for two programs at the same time", async () => {
      const [one, two] = await both(
        "shared",
        "echo from one > /c/one; mkfifo /meet/fifo; echo begun; cat /meet/fifo; cat /c/two",
        "cat /c/one; echo from two > /c/two; echo go > /meet/fifo",
      );
      expect([one, two]).toEqual(["begun\ngo\nfrom two\n", "from one\n"]);
    });
    test("that is private is two folders for two programs at the same time, and the first again for the next", async () => {
      const [one, two] = await both(
        "private",
        "echo from one > /c/one; mkfifo /meet/fifo; echo begun; cat /meet/fifo; ls /c",
        "ls /c; echo from two > /c/two; echo go > /meet/fifo",
      );
      expect([one, two]).toEqual(["begun\ngo\none\n", ""]);
    });
    test("that is locked is had in turn", async () => {
      const mounts = [cache("/c", "turns", { sharing: "locked" })];
      const script = "[ ! -e /c/in ] || echo both; : > /c/in; for n in 1 2 3 4 5 6 7 8; do cat /bin/sh > /dev/null; done; rm /c/in; echo x >> /c/count";
      const runs = await Promise.all(Array.from({ length: 5 }, () => room.run(script, { mounts })));
      expect(runs.map(({ out, code }) => [out, code])).toEqual(runs.map(() => ["", 0]));
      expect((await room.run("wc -l < /c/count", { mounts })).out).toBe("5\n");
    });
    test("that is new for many programs at once is one, with its seed", async () => {
      const mounts = [cache("/c", "rush", { seed: { layers: [low], path: "a" } })];
      const runs = await Promise.all(Array.from({ length: 6 }, (_, at) => room.run(`cat /c/two && : > /c/mine-${at}`, { mounts })));
      expect(runs.map(({ out }) => out)).toEqual(runs.map(() => "low two"));
      expect((await room.run("ls /c | grep -c mine", { mounts })).out).toBe("6\n");
    });
    test("that somebody waits for can be cancelled", async () => {
      const mounts = [cache("/c", "waits", { sharing: "locked" })];
      const stop = new AbortController();
      const holder = new AbortController();
      let begun = (): void => {};
      const ready = new Promise<void>((done) => (begun = done));
      const first = room.run("echo in; sleep 86400", { mounts, signal: holder.signal, output: () => begun() });
      await ready;
      const second = room.run("true", { mounts, signal: stop.signal });
      stop.abort();
      await expect(second).rejects.toMatchObject({ code: "interrupted" });
      holder.abort();
      await expect(first).rejects.toMatchObject({ code: "interrupted" });
      expect((await room.run("echo free", { mounts })).out).toBe("free\n");
    });
    test("of a daemon that was left behind is free when its program is over", async () => {
      const mounts = [cache("/c", "daemon", { sharing: "locked" })];
      await room.run("(setsid sh -c 'cd /c; sleep 86400' &); echo done", { mounts });
      expect((await room.run("echo free", { mounts })).out).toBe("free\n");
    });
  });

  describe("an agent's socket", () => {
    test("is the user's that it is for, and gone afterwards", async () => {
      const path = join(room.folder, "agent");
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      const mounts: SandboxMount[] = [{ kind: "ssh-agent", target: "/run/buildkit/ssh_agent.0", socket: path, mode: 0o600, uid: 1000, gid: 10 }];
      const { out, changes } = await room.run("stat -c '%F %a %u %g' /run/buildkit/ssh_agent.0", { mounts, user: "app" });
      expect(out).toBe("socket 600 1000 10\n");
      expect([...changes.keys()]).toEqual([]);
    });
  });

  describe("places", () => {
    test.each<[name: string, mounts: () => SandboxMount[], script: string, out: string]>([
      [
        "inside an earlier mount",
        () => [tmpfs("/m"), files("/m/in/side"), tmpfs("/m/in/side/deep")],
        "ls /m /m/in/side; ls /m/in/side/deep",
        "/m:\nin\n\n/m/in/side:\ndeep\nlink\none\nthree\n",
      ],
      ["the outer one first, whatever the order", () => [files("/m/b"), tmpfs("/m")], "ls /m; ls /m/b", "b\ndeep\nlink\none\nthree\n"],
      ["the later of two at one place", () => [tmpfs("/m"), files("/m")], "ls /m", "deep\nlink\none\nthree\n"],
      ["a file upon /etc/hosts", () => [files("/etc/hosts", { path: "f" })], "cat /etc/hosts", "a file"],
      [
        "a tmpfs upon /dev/shm",
        () => [tmpfs("/dev/shm", { bytes: 65_536 })],
        "head -c 100000 /dev/zero 2>/dev/null > /dev/shm/x; stat -c %s /dev/shm/x",
        "65536\n",
      ],
      ["a file in /dev", () => [secret("/dev/pipes/s", "x")], "cat /dev/pipes/s", "x"],
      ["a target with dots", () => [secret("/etc/../opt/./s", "x")], "cat /opt/s", "x"],
    ])("%s", async (_, mounts, script, out) => {
      expect((await room.run(script, { mounts: mounts() })).out).toBe(out);
    });
    test("inside an earlier mount that is writable", async () => {
      const { out, changes } = await room.run("cat /m/deep/er/key /m/new/key; ls /m", {
        mounts: [files("/m", { writable: true }), secret("/m/deep/er/key", "one "), secret("/m/new/key", "two\n")],
      });
      expect(out).toBe("one two\ndeep\nlink\nnew\none\nthree\n");
      expect([...changes.keys()]).toEqual([]);
    });
    test("inside a cache, where the places remain as empty files, as with BuildKit", async () => {
      const mounts = [cache("/c", "places"), secret("/c/in/key", "x")];
      expect((await room.run("cat /c/in/key", { mounts })).out).toBe("x");
    });
    test.each([
      ["a link to a folder", [folder("real"), link("way", "real")], "/way/new/f", "/real/new/f"],
      ["a link with a way of its own", [folder("real/a"), link("way", "/real/a/../a")], "/way/f", "/real/a/f"],
      ["a link to what is not there", [link("way", "not/yet")], "/way/f", "/not/yet/f"],
      ["a link that is the target", [link("way", "/not/yet")], "/way", "/not/yet"],
      ["a link out of the root", [link("way", "../../../../../opt")], "/way/f", "/opt/f"],
      ["a link to the machine's temporary folder", [link("way", "/tmp/../tmp")], "/way/f", "/tmp/f"],
    ] as const)("through %s: inside the root, and no stub remains", async (_, entries, target, real) => {
      const upon = [await room.layer(...entries)];
      const { out, changes } = await room.run(`cat ${target} ${real}; find / -xdev -name f`, { upon, mounts: [secret(target, "x")] });
      expect(out.startsWith("xx")).toBe(true);
      expect([...changes.keys()]).toEqual([]);
      expect(existsSync(target)).toBe(false);
    });
    test.each<[name: string, entries: RoomEntry[], mount: () => SandboxMount, message: RegExp]>([
      ["a loop", [link("way", "way")], () => secret("/way/f", "x"), /^the path "\/way\/f" is a loop of symlinks$/],
      ["a way through a file", [file("way")], () => secret("/way/f", "x"), /^the path "\/way\/f" leads through a file$/],
      ["a file upon a folder", [], () => secret("/etc", "x"), /^"\/etc" is a folder in the stage; what is to be mounted there is a file$/],
      ["a folder upon a file", [], () => files("/etc/passwd"), /^"\/etc\/passwd" is a file in the stage; what is to be mounted there is a folder$/],
    ])("%s is refused in words", async (_, entries, mount, message) => {
      const upon = entries.length === 0 ? [] : [await room.layer(...entries)];
      await expect(room.run("true", { upon, mounts: [mount()] })).rejects.toMatchObject({ code: "run-failed", message: expect.stringMatching(message) });
      expect(room.left("work")).toEqual([]);
    });
    test.each<[name: string, mounts: () => SandboxMount[], message: string]>([
      ["in /proc", () => [tmpfs("/proc/new")], 'the path "/proc/new" cannot be followed or made (ENOENT)'],
      ["in /sys", () => [tmpfs("/sys/new")], 'the path "/sys/new" is not there, and lies in something read-only, where it cannot be made'],
      [
        "in a read-only mount",
        () => [files("/m"), secret("/m/new", "x")],
        'the path "/m/new" is not there, and lies in something read-only, where it cannot be made',
      ],
      ["with a name that is too long", () => [tmpfs(`/${"x".repeat(300)}`)], `the path "/${"x".repeat(300)}" cannot be followed or made (ENAMETOOLONG)`],
    ])("that cannot be made %s are refused in words", async (_, mounts, message) => {
      await expect(room.run("true", { mounts: mounts() })).rejects.toMatchObject({ code: "run-failed", message });
    });
  });

  describe("stubs", () => {
    test("are away; what the program put in them stays", async () => {
      const mounts = [tmpfs("/x/y/z"), secret("/p/q/key", "x"), tmpfs("/etc/new")];
      const { changes } = await room.run("echo kept > /p/kept; echo changed >> /etc/passwd", { mounts });
      expect([...changes.keys()]).toEqual(["etc", "etc/passwd", "p", "p/kept"]);
      // Their making has changed it: BuildKit leaves it at that.
      expect(changes.get("etc")?.mtime).toBeGreaterThan(1_700_000_000);
    });
    test("a folder whose time alone they changed is no change", async () => {
      expect([...(await room.run("true", { mounts: [tmpfs("/usr/new"), secret("/var/key", "x")] })).changes.keys()]).toEqual([]);
    });
    test("and the folder's own time where none had to be made", async () => {
      const upon = [await room.layer(folder("etc", { mtime: 1_000_000_000 }), file("etc/hosts"), file("etc/resolv.conf"))];
      const { changes } = await room.run("echo changed >> /etc/passwd", { upon });
      expect(changes.get("etc")?.mtime).toBe(1_000_000_000);
    });
    test("in a layer that is kept are not there for the next program", async () => {
      const { end } = await room.start("echo x > /made", { mounts: [tmpfs("/x/y/z")] });
      const kept = `sha256:${"ab".repeat(32)}` as Digest;
      await end.keepAs(kept);
      expect((await room.run("ls -d /x 2>/dev/null; cat /made", { upon: [kept] })).out).toBe("x\n");
    });
    test("that are swapped for a link lead to nothing of the machine", async () => {
      const outside = join(room.folder, "outside");
      const { changes } = await room.run(`rm -rf /x 2>/dev/null; mv /p /gone; ln -s ${room.folder} /p; true`, { mounts: [tmpfs("/p/run")] });
      expect(lstatSync(room.folder).isDirectory() && !existsSync(outside)).toBe(true);
      expect([...changes.keys()].every((path) => /^(p|gone)/.test(path))).toBe(true);
    });
  });
});
