import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Digest } from "../../src/core/digest.ts";
import { sandboxHere } from "../harness/sandbox-base.ts";
import { type RoomEntry, type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();
const script = (path: string, text: string, mode = 0o755): RoomEntry => ({ path, text, mode });
/** The head of an ELF program for a processor that nobody here has: MIPS, 32 bits, big endian. */
const foreign = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 8, ...Array.from({ length: 44 }, () => 0)]).toString(
  "latin1",
);

describe.skipIf(missing !== undefined)(`a program in a cell${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  let programs: Digest;
  beforeAll(async () => {
    room = await sandboxRoom();
    programs = await room.layer(
      { path: "p", type: "directory" },
      script("p/hello", '#!/bin/sh\necho hello $0 "$@"\n'),
      script("p/options", "#!/bin/sh -eu\nfalse\necho not reached\n"),
      script("p/unexecutable", "#!/bin/sh\n", 0o644),
      script("p/none", "echo no interpreter\n"),
      script("p/empty", ""),
      script("p/foreign", foreign),
      script("p/loop", "#!/p/loop\n"),
      script("p/lost", "#!/no/such/interpreter\n"),
      script("p/windows", "#!/bin/sh\r\necho hello\r\n"),
      script("p/nameless", "#!\n"),
      script("p/chain", "#!/p/hello\n"),
      script("p/secretive", "#!/bin/sh\necho unread\n", 0o711),
      { path: "p/folder", type: "directory" },
      { path: "p/circle", type: "symlink", link: "circle", mode: 0o777 },
      { path: "p/link", type: "symlink", link: "hello", mode: 0o777 },
      { path: "p/fifo", type: "fifo", mode: 0o755 },
      { path: "p/closed", type: "directory", mode: 0o700 },
      script("p/closed/hello", "#!/bin/sh\necho inside\n"),
      { path: "first/mine", type: "directory" },
      script("first/mine/tool", "", 0o644),
      { path: "second", type: "directory" },
      script("second/tool", "#!/bin/sh\necho second\n"),
      { path: "empty-home", type: "directory" },
    );
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  describe("ends", () => {
    test.each([
      ["with 0", "exit 0", 0, undefined],
      ["with what it says", "exit 42", 42, undefined],
      ["with 255", "exit 255", 255, undefined],
      ["with more than a byte", "exit 256", 0, undefined],
      ["by SIGTERM", "kill -TERM $$", 143, "SIGTERM"],
      ["by SIGKILL", "kill -KILL $$", 137, "SIGKILL"],
      ["by SIGSEGV", "kill -SEGV $$", 139, "SIGSEGV"],
      ["by SIGPIPE, which is not ignored", "kill -PIPE $$; exit 3", 141, "SIGPIPE"],
      ["by SIGINT, which is not ignored", "kill -INT $$; exit 3", 130, "SIGINT"],
      ["with its shell's word for a child's signal", "sh -c 'kill -KILL $$'; exit $?", 137, undefined],
    ])("%s", async (_, text, code, signal) => {
      const ran = await room.run(text);
      expect([ran.code, ran.signal]).toEqual([code, signal]);
    });

    test("by a signal that nobody explains: nothing is said of memory", async () => {
      expect((await room.run("kill -KILL $$")).why).toBeUndefined();
    });
    test("by a crash: that is said", async () => {
      expect((await room.run("kill -SEGV $$")).why).toBe("the program crashed");
    });
  });

  describe("is started", () => {
    test.each([
      ["by its path", ["/p/hello", "a b", "*"], "hello /p/hello a b *\n"],
      ["by a link", ["/p/link"], "hello /p/link\n"],
      ["from the working directory", ["./hello"], "hello ./hello\n"],
      ["from PATH, past a file that is not executable", ["tool"], "second\n"],
      ["by an interpreter that is a script itself", ["/p/chain"], "hello /p/hello /p/chain\n"],
      ["though it cannot be read by its user, by the kernel", ["/bin/true"], ""],
      ["with arguments of any bytes", ["/bin/sh", "-c", 'echo "$1"', "sh", "ä\n\t$x"], Buffer.from("ä\n\t$x\n").toString("latin1")],
    ])("%s", async (_, command, out) => {
      const ran = await room.run(command, { upon: [programs], workdir: "/p", environment: ["PATH=/first/mine:/no/such:/second:/bin"] });
      expect([ran.code, ran.out, ran.err]).toEqual([0, out, ""]);
    });

    test("with the options of its first line", async () => {
      expect(await room.run(["/p/options"], { upon: [programs] })).toMatchObject({ code: 1, out: "" });
    });
  });

  describe("is refused in words:", () => {
    test.each([
      ["a name that is nowhere in PATH", ["nothing"], /^program "nothing" was not found in PATH \(\/first\/mine:\/second\)$/],
      ["an empty name", [""], /^program "" was not found in PATH/],
      ["a path with nothing there", ["/no/such"], /^program "\/no\/such" cannot be run: there is no such file in the stage$/],
      ["a path through a file", ["/p/hello/x"], /^program "\/p\/hello\/x" cannot be run: there is no such file/],
      ["a file without permission", ["/p/unexecutable"], /^program "\/p\/unexecutable" cannot be run: permission denied$/],
      ["a folder", ["/p/folder"], /^program "\/p\/folder" cannot be run: it is a directory$/],
      ["a fifo, which nobody waits for", ["/p/fifo"], /cannot be run: it is not a file$/],
      ["a circle of links", ["/p/circle"], /cannot be run: its path is a loop of symlinks$/],
      ["a script without an interpreter", ["/p/none"], /^exec format error: "\/p\/none" cannot be run: it is neither a program nor a script/],
      ["an empty file", ["/p/empty"], /^exec format error: "\/p\/empty" cannot be run: it is empty$/],
      ["another processor's program", ["/p/foreign"], /^exec format error: "\/p\/foreign" is a program for mips, and this step runs programs for linux\//],
      ["a script that interprets itself", ["/p/loop"], /the interpreter of its interpreter, and so on, goes on for more than 5$/],
      ["a script with a lost interpreter", ["/p/lost"], /its interpreter "\/no\/such\/interpreter": there is no such file/],
      ["a script from Windows", ["/p/windows"], /its interpreter "\/bin\/sh\\r": there is no such file/],
      ["a first line that names nothing", ["/p/nameless"], /its first line names no interpreter after "#!"$/],
    ])("%s", async (_, command, message) => {
      const failure = await room.run(command, { upon: [programs], environment: ["PATH=/first/mine:/second"] }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "run-failed", message: expect.stringMatching(message) });
      expect(room.left("work")).toEqual([]);
    });

    test.each([
      ["a program in a folder that is closed to the user", { user: "app", arguments: ["/p/closed/hello"] }, /cannot be run: permission denied$/],
      [
        "a working directory that is closed to the user",
        { user: "app", workdir: "/p/closed" },
        /^the step's user may not enter the working directory "\/p\/closed"$/,
      ],
      ["a working directory that is a file", { workdir: "/p/hello" }, /working directory "\/p\/hello" is not a folder$/],
      ["a working directory below a file", { workdir: "/p/hello/x" }, /"\/p\/hello\/x" leads through a file$/],
      ["a working directory that is a circle", { workdir: "/p/circle" }, /"\/p\/circle" is a loop of symlinks$/],
      ["a user that passwd does not have", { user: "nobody-here" }, /^there is no user "nobody-here" in \/etc\/passwd of the stage$/],
      ["a group that group does not have", { user: "app:nobody-here" }, /^there is no group "nobody-here" in \/etc\/group of the stage$/],
      ["a number that no user can have", { user: "4294967295" }, /^user "4294967295" cannot be: numbers go from 0 to 2147483647$/],
      ["a negative number", { user: "-1" }, /^user "-1" cannot be/],
      ["a limit that there is not", { ulimits: [{ name: "patience", soft: 1, hard: 1 }] }, /^there is no limit "patience"$/],
      [
        "a limit above the sandbox's own",
        { ulimits: [{ name: "nofile", soft: 2 ** 40, hard: 2 ** 40 }] },
        /^limit "nofile=1099511627776:1099511627776" cannot be set: it is above/,
      ],
      [
        "a soft limit above the hard one",
        { ulimits: [{ name: "cpu", soft: 9, hard: 8 }] },
        /^limit "cpu=9:8" cannot be set: the soft limit is above the hard one$/,
      ],
    ])("%s", async (_, more, message) => {
      const failure = await room.run("true", { upon: [programs], ...more }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "run-failed", message: expect.stringMatching(message) });
    });
  });

  describe("is the user that is asked for:", () => {
    test.each([
      ["root, when nothing is said, with its groups", "", "0 0 0,10"],
      ["a name, with its groups", "app", "1000 1000 1000,10"],
      ["a name whose group is root's", "root", "0 0 0,10"],
      ["a number that passwd has, with its groups", "1000", "1000 1000 1000,10"],
      ["a number that passwd has not", "4321", "4321 0 0"],
      ["a name with a group", "app:daemon", "1000 1 1"],
      ["a name with a group's number", "app:77", "1000 77 77"],
      ["a number with a group", "1000:wheel", "1000 10 10"],
      ["two numbers", "12:34", "12 34 34"],
      ["a group alone", ":wheel", "0 10 10"],
    ])("%s", async (_, user, wanted) => {
      const { out, code } = await room.run("grep -E '^(Uid|Gid|Groups):' /proc/self/status", { user });
      expect(code).toBe(0);
      const [uid, gid, groups] = out.split("\n").map((line) => line.split(/\s+/).slice(1)) as [string[], string[], string[]];
      // Real, effective, saved and file system's: all four.
      expect([new Set(uid).size, new Set(gid).size]).toEqual([1, 1]);
      const sorted = groups
        .filter(Boolean)
        .map(Number)
        .sort((a, b) => a - b);
      expect(`${uid[0]} ${gid[0]} ${sorted.join(",")}`).toBe(
        `${wanted.split(" ").slice(0, 2).join(" ")} ${wanted
          .split(" ")[2]
          ?.split(",")
          .map(Number)
          .sort((a, b) => a - b)
          .join(",")}`,
      );
    });
  });

  describe("has", () => {
    test.each([
      ["root's HOME", {}, "echo $HOME", "/root\n"],
      ["its user's HOME", { user: "app" }, "echo $HOME", "/home/app\n"],
      ["/ as HOME where passwd has none", { user: "4321" }, "echo $HOME", "/\n"],
      ["the HOME that it is told", { user: "app", environment: ["HOME=/elsewhere"] }, "echo $HOME", "/elsewhere\n"],
      ["HOME for one that is empty", { environment: ["HOME="] }, "echo $HOME", "/root\n"],
      ["a PATH of its own", {}, "echo $PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"],
      ["the last of a name", { environment: ["X=1", "X=2"] }, "echo $X", "2\n"],
      ["values with = and lines", { environment: ["X=a=b\nc"] }, 'echo "$X"', "a=b\nc\n"],
      ["umask 022", {}, "umask", "0022\n"],
      ["no input: an empty pipe", {}, "cat; [ -p /dev/stdin ] && cat /dev/stdin && echo pipe", "pipe\n"],
      ["no input for its user, who can open it again", { user: "app" }, "cat /dev/stdin && echo pipe", "pipe\n"],
      ["three open files, and no more", {}, "ls -1 /proc/self/fd | tr '\\n' ' '", "0 1 2 3 "],
      ["output that can be opened again", {}, "echo one > /dev/stdout; echo two > /proc/self/fd/1", "one\ntwo\n"],
      ["output that can be opened again by its user", { user: "app" }, "echo one > /dev/stdout", "one\n"],
      [
        "no signal blocked or ignored",
        {},
        "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr '\\n\\t' '  '",
        "SigBlk: 0000000000000000 SigIgn: 0000000000000000 ",
      ],
      ["the working directory", { workdir: "/home/app" }, "pwd; readlink /proc/self/cwd", "/home/app\n/home/app\n"],
      [
        "a session of its own and no terminal",
        {},
        "sed 's/.*) //' /proc/self/stat | { read _ _ _ session tty _; [ $session -gt 0 ] && echo $tty; }; (: < /dev/tty) 2>/dev/null || echo none",
        "0\nnone\n",
      ],
      ["no more rights by time slices: nice 0", {}, "sed 's/.*) //' /proc/self/stat | tr ' ' '\\n' | sed -n 17p", "0\n"],
    ])("%s", async (_, more, text, out) => {
      const ran = await room.run(text, more);
      expect(ran.out).toBe(out);
    });
    test("nothing else in its environment", async () => {
      const { out } = await room.run(["/bin/env"], { environment: ["PATH=/bin"] });
      expect(out.trim().split("\n").sort()).toEqual(["HOME=/root", "PATH=/bin"]);
    });

    test("a working directory that is made: root's folders on the way, and at the end the user's", async () => {
      const { out, changes, code } = await room.run("pwd; stat -c '%n %u %g %a' /new /new/in /new/in/here", { workdir: "/new/in/here", user: "app" });
      expect([code, out]).toEqual([0, "/new/in/here\n/new 1000 1000 755\n/new/in 1000 1000 755\n/new/in/here 1000 1000 755\n"]);
      expect([...changes.keys()].filter((path) => path.startsWith("new"))).toEqual(["new", "new/in", "new/in/here"]);
    });
    test("a working directory through a link", async () => {
      const upon = [await room.layer({ path: "way", type: "symlink", link: "/home/app/./../app", mode: 0o777 })];
      expect((await room.run("pwd -P", { workdir: "/way", upon })).out).toBe("/home/app\n");
      expect((await room.run("pwd -P; ls -d /home/app/new", { workdir: "/way/new", upon })).out).toBe("/home/app/new\n/home/app/new\n");
    });
  });

  describe("has the limit", () => {
    const rows = [
      ["cpu", "Max cpu time", 100, 200],
      ["fsize", "Max file size", 1_000_000, 2_000_000],
      ["data", "Max data size", 500_000_000, 600_000_000],
      ["stack", "Max stack size", 4_194_304, 8_388_608],
      ["core", "Max core file size", 0, 0],
      ["rss", "Max resident set", 1_000_000_000, 1_000_000_000],
      ["nproc", "Max processes", 500, 600],
      ["nofile", "Max open files", 100, 200],
      ["memlock", "Max locked memory", 32_768, 65_536],
      ["as", "Max address space", 1_000_000_000, 1_000_000_000],
      ["locks", "Max file locks", 10, 20],
      ["sigpending", "Max pending signals", 10, 20],
      ["msgqueue", "Max msgqueue size", 10_000, 20_000],
      ["nice", "Max nice priority", 0, 0],
      ["rtprio", "Max realtime priority", 0, 0],
      ["rttime", "Max realtime timeout", 1000, 2000],
    ] as const;
    const limitIn = (text: string, name: string): string[] =>
      text
        .split("\n")
        .find((line) => line.startsWith(name))
        ?.slice(26)
        .trim()
        .split(/\s+/)
        .slice(0, 2) ?? [];
    for (const [name, label, soft, hard] of rows)
      test(name, async () => {
        const { out } = await room.run(["/bin/cat", "/proc/self/limits"], { ulimits: [{ name, soft, hard }] });
        expect(limitIn(out, label)).toEqual([String(soft), String(hard)]);
      });
    test("all at once, and the program is found, has its input and its arguments as without them", async () => {
      const ulimits = rows.map(([name, , soft, hard]) => ({ name, soft, hard }));
      const ran = await room.run(["sh", "-c", 'echo "$0 $1"; cat; [ -p /dev/stdin ] && cat /proc/self/limits', "zero", "a b"], {
        ulimits,
        environment: ["PATH=/bin"],
      });
      expect(ran.out).toMatch(/^zero a b\n/);
      for (const [, label, soft, hard] of rows) expect(limitIn(ran.out, label), label).toEqual([String(soft), String(hard)]);
    });
    test("that is not said: the machine's own remain", async () => {
      const { out } = await room.run(["/bin/cat", "/proc/self/limits"], { ulimits: [{ name: "core", soft: 0, hard: 0 }] });
      expect(Number(limitIn(out, "Max open files")[0])).toBeGreaterThanOrEqual(1024);
    });
    test("and in a stage without a shell", async () => {
      const { out } = await room.run(["/bin/cat", "/proc/self/limits"], {
        upon: [await room.layer({ path: "bin/.wh.sh" })],
        ulimits: [{ name: "fsize", soft: 1_000_000, hard: 2_000_000 }],
      });
      expect(out).toContain("Max cpu time");
    });
  });

  describe("prints", () => {
    test("200 MB to somebody who is slower, which come whole, and are kept nowhere on the way", async () => {
      let [bytes, most] = [0, 0];
      const before = { ours: process.memoryUsage().rss, warden: room.wardenMemory() };
      const ran = await room.run("dd if=/dev/zero bs=65536 count=3200 2>/dev/null", {
        output: (_, chunk) => {
          bytes += chunk.byteLength;
          most = Math.max(most, process.memoryUsage().rss - before.ours);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.3);
        },
      });
      expect([ran.code, bytes]).toEqual([0, 3200 * 65_536]);
      // What has been handed over waits for the garbage collector.
      expect(most).toBeLessThan(120_000_000);
      expect(room.wardenMemory() - before.warden).toBeLessThan(150_000_000);
    });
    test("on both streams, each in its order", async () => {
      const ran = await room.run("for n in $(seq 1 500); do echo o$n; echo e$n >&2; done");
      expect(ran.out.trim().split("\n")).toEqual(Array.from({ length: 500 }, (_, n) => `o${n + 1}`));
      expect(ran.err.trim().split("\n")).toEqual(Array.from({ length: 500 }, (_, n) => `e${n + 1}`));
    });
    test("after it has closed one of them", async () => {
      expect(await room.run("exec 1>&-; echo still >&2; exit 7")).toMatchObject({ code: 7, out: "", err: "still\n" });
    });
  });

  describe("ends with all that it started:", () => {
    const mark = `cell-${process.pid}-left`;
    test.each([
      ["a child in the background", "sleep 86400 & echo done"],
      ["one in a session of its own that holds its output", "(setsid sleep 86400 &) ; echo done"],
      ["one that catches signals", "setsid sh -c 'trap : TERM HUP INT; sleep 86400; true' & echo done"],
      ["two hundred of them", "for n in $(seq 1 200); do sleep 86400 & done; echo done"],
    ])("%s", async (_, text) => {
      const ran = await room.run(text, { environment: [`MARK=${mark}`] });
      expect([ran.code, ran.out]).toEqual([0, "done\n"]);
    });
    test.each([
      [
        "at once",
        (stop: AbortController) => {
          stop.abort();
          return {};
        },
      ],
      ["when it prints", (stop: AbortController) => ({ output: () => stop.abort() })],
      ["while it prints without end and nobody can keep up", (stop: AbortController) => ({ output: () => setImmediate(() => stop.abort()) })],
    ])("cancelled %s", async (when, arm) => {
      const stop = new AbortController();
      const more = arm(stop);
      const text = when.includes("without end")
        ? "while :; do dd if=/dev/zero bs=65536 count=100 2>/dev/null; done"
        : "(setsid sleep 86400 &); echo ready; sleep 86400";
      await expect(room.run(text, { ...more, signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
      expect(room.left("work")).toEqual([]);
    });
    test("cancelled again and again while cells are being made", async () => {
      for (let at = 0; at < 12; at++) {
        const stop = new AbortController();
        const running = room.run("sleep 86400", { signal: stop.signal });
        await new Promise((done) => setTimeout(done, at * 8));
        stop.abort();
        await expect(running).rejects.toMatchObject({ code: "interrupted" });
      }
      expect(room.left("work")).toEqual([]);
      expect((await room.run("echo fine")).out).toBe("fine\n");
    });
  });
});
