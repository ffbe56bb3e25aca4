import { existsSync, readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../../src/core/digest.ts";
import { nodeLayerTar, sandboxHere } from "../harness/sandbox-base.ts";
import { type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();

describe.skipIf(missing !== undefined)(`what a program is kept from${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  beforeAll(async () => {
    room = await sandboxRoom();
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  describe("rights", () => {
    test.each([
      ["of root", "", "00000000a80425fb"],
      ["of a user", "app", "0000000000000000"],
    ])("%s", async (_, user, own) => {
      const { out } = await room.run("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status", { user });
      const fields = Object.fromEntries(
        out
          .trim()
          .split("\n")
          .map((line) => line.split(/:\s+/) as [string, string]),
      );
      expect(fields).toEqual({
        CapInh: "0000000000000000",
        CapPrm: own,
        CapEff: own,
        CapBnd: "00000000a80425fb",
        CapAmb: "0000000000000000",
        NoNewPrivs: "0",
        Seccomp: ["x64", "arm64", "riscv64", "loong64"].includes(process.arch) ? "2" : "0",
      });
    });
    test("a setuid program works: a user becomes root by it, with no more than root has", async () => {
      const layer = await room.layer({ path: "q", type: "directory", mode: 0o777 });
      const first = await room.start("cp /bin/grep /q/become && chmod 4755 /q/become", { upon: [layer] });
      const digest = digestOf(Buffer.from("become"));
      await first.end.keepAs(digest);
      const second = await room.run("/q/become -E '^(Uid|CapEff)' /proc/self/status", { upon: [layer, digest], user: "app" });
      expect(second.out).toBe("Uid:\t1000\t0\t0\t0\nCapEff:\t00000000a80425fb\n");
    });
  });

  describe("system calls:", () => {
    const script = `
      const koffi = require("koffi");
      const libc = koffi.load(null);
      const call = libc.func("long syscall(long, ...)");
      const n = { x64: { mount: 165, umount2: 166, unshare: 272, setns: 308, keyctl: 250, add_key: 248, request_key: 249, bpf: 321, perf_event_open: 298, userfaultfd: 323, ptrace: 101, reboot: 169,
        kexec_load: 246, init_module: 175, finit_module: 313, open_by_handle_at: 304, swapon: 167, settimeofday: 164, clock_settime: 227, acct: 163, quotactl: 179, lookup_dcookie: 212, sethostname: 170,
        fsopen: 430, fsmount: 432, open_tree: 428, move_mount: 429, mount_setattr: 442, io_uring_setup: 425, clone3: 435, pivot_root: 155, iopl: 172, syslog: 103 } }[process.arch];
      const args = { mount: ["none", "/tmp", "tmpfs", 0, null], setns: [0, 0], unshare: [0x10000000] };
      const out = {};
      for (const [name, number] of Object.entries(n)) {
        const values = name === "mount" ? ["str", "none", "str", "/tmp", "str", "tmpfs", "long", 0, "str", null]
          : name === "unshare" ? ["long", 0x10000000] : name === "ptrace" ? ["long", 16, "long", 1, "long", 0, "long", 0] : ["long", 0, "long", 0, "long", 0, "long", 0, "long", 0];
        const result = call(number, ...values);
        out[name] = Number(result) === -1 ? Object.entries(require("os").constants.errno).find(([, value]) => value === koffi.errno())?.[0] : Number(result);
      }
      console.log(JSON.stringify(out));
    `;
    test.skipIf(process.arch !== "x64")(`are refused${process.arch === "x64" ? "" : " (numbers are known for x64 alone)"}`, async () => {
      const layer = await room.unpack(nodeLayerTar() as Buffer);
      const { out, err } = await room.run(["/bin/node", "-e", script], { upon: [layer], environment: ["NODE_PATH=/node_modules"] });
      expect(err).toBe("");
      const { clone3, io_uring_setup: ring, ptrace, ...refused } = JSON.parse(out) as Record<string, string>;
      expect(new Set(Object.values(refused))).toEqual(new Set(["EPERM"]));
      expect(clone3).toBe("ENOSYS");
      // Allowed by Docker's filter; there is nothing of ours to be seen by it.
      expect(ptrace).toMatch(/^(EPERM|ESRCH)$/);
      expect(ring).toMatch(/^E/);
    });
    test.each([
      ["mount", "mount -t tmpfs none /tmp"],
      ["a bind mount", "mount --bind /tmp /home"],
      ["a remount", "mount -o remount,rw /sys"],
      ["umount of /proc", "umount /proc"],
      ["umount of a masked file", "umount /proc/kcore"],
      ["a user namespace", "unshare -Ur true"],
      ["a mount namespace", "unshare -m true"],
      ["a network namespace", "unshare -n true"],
      ["entering the first process's namespaces", "nsenter -t 1 -m true"],
      ["a disk's node", "mknod /tmp/disk b 8 0"],
      ["a memory's node", "mknod /tmp/mem c 1 1"],
      ["core_pattern", "echo '|/bin/sh' > /proc/sys/kernel/core_pattern"],
      ["a sysctl of the machine", "echo 1 > /proc/sys/vm/drop_caches"],
      ["a sysctl of the network", "echo 1 > /proc/sys/net/ipv4/ip_forward"],
      ["its host name", "echo evil > /proc/sys/kernel/hostname"],
      ["sysrq", "echo b > /proc/sysrq-trigger"],
      ["a setting of an interrupt", "for f in /proc/irq/*/smp_affinity; do echo 1 > $f && exit 0; done; exit 1"],
      ["/sys", "mkdir /sys/fs/cgroup/new"],
      ["a file of /sys", "echo mem > /sys/power/state"],
      ["the memory of the first process", "cat /proc/1/mem"],
      ["the root of the first process", "ls /proc/1/root/"],
      ["the first process's environment", "cat /proc/1/environ"],
      ["a lower score for the memory killer", "echo -1000 > /proc/self/oom_score_adj"],
    ])("%s is refused", async (_, text) => {
      const { code } = await room.run(`(${text}) 2>/dev/null`);
      expect(code).not.toBe(0);
    });
  });

  describe("is masked as Docker masks it:", () => {
    test.each(["/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/interrupts", "/proc/sched_debug"])(
      "%s is empty or not there",
      async (path) => {
        expect((await room.run(`[ ! -e ${path} ] || { cat ${path} && ls -l ${path}; }`)).out).toMatch(/^(crw-rw-rw-.* 1, 3 .*\n)?$/);
      },
    );
    test.each(["/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"])("%s has nothing in it", async (path) => {
      expect((await room.run(`[ ! -e ${path} ] || ls -A ${path}`)).out).toBe("");
    });
    test.each(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys"].filter((path) => existsSync(path)))(
      "%s is read-only",
      async (path) => {
        const { out } = await room.run("cat /proc/self/mountinfo");
        const options = out
          .split("\n")
          .map((line) => line.split(" "))
          .filter((fields) => fields[4] === path)
          .at(-1)?.[5];
        expect(options?.split(",")).toContain("ro");
      },
    );
  });

  describe("sees", () => {
    test("no mount but its own, none with a path of the machine", async () => {
      const { out } = await room.run("cat /proc/self/mountinfo");
      expect(out).not.toContain(room.folder);
      const targets = [
        ...new Set(
          out
            .trim()
            .split("\n")
            .map((line) => line.split(" ")[4] as string),
        ),
      ];
      expect(targets.filter((path) => !/^\/(proc|sys|dev)(\/|$)/.test(path)).sort()).toEqual(["/", "/etc/hosts", "/etc/resolv.conf"]);
    });
    test("no process but its own, in a namespace of its own where the kernel gives a fresh /proc", async () => {
      const { out } = await room.run("echo $$; ls /proc | grep '^[0-9]' | tr '\\n' ' '");
      const [own, all] = out.trim().split("\n");
      expect(all?.split(" ")).toContain(own);
      expect(all?.trim().split(" ").length).toBeLessThanOrEqual(6);
    });
    test("BuildKit's host name, and its own IPC", async () => {
      expect((await room.run("uname -n; cat /proc/sysvipc/shm | wc -l")).out).toBe("buildkitsandbox\n1\n");
      expect(hostname()).not.toBe("buildkitsandbox");
    });
    test("loopback alone under `none`, and it is up", async () => {
      const { out } = await room.run("sed '1,2d; s/:.*//' /proc/net/dev; cat /sys/class/net/lo/flags; ls /sys/class/net", { network: "none" });
      const lines = out
        .trim()
        .split("\n")
        .map((line) => line.trim());
      expect(lines.filter((line) => line === "lo").length).toBe(2);
      expect(Number(lines[1]) & 1).toBe(1);
    });
    test("every port is everybody's under `none`, as in Docker; under `host` the machine's rule stays", async () => {
      const port = "cat /proc/sys/net/ipv4/ip_unprivileged_port_start";
      expect((await room.run(port, { network: "none" })).out).toBe("0\n");
      expect((await room.run(port, { network: "host" })).out).toBe(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    });
    test("the machine's interfaces under `host`", async () => {
      const { out } = await room.run("sed 's/:.*//' /proc/net/dev", { network: "host" });
      const seen = out
        .trim()
        .split("\n")
        .slice(2)
        .map((line) => line.trim());
      expect(seen).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
    });
    test("its own hosts and resolv.conf, which it cannot write", async () => {
      const { out } = await room.run("cat /etc/hosts; (echo x >> /etc/hosts) 2>/dev/null || echo refused; stat -c '%a %u %g' /etc/hosts /etc/resolv.conf", {
        hosts: [{ name: "somewhere", address: "192.0.2.7" }],
      });
      expect(out).toBe("127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n192.0.2.7\tsomewhere\nrefused\n644 0 0\n644 0 0\n");
    });
    test("nothing of what the machine's processes have in memory: /dev/shm and mqueue are empty", async () => {
      expect((await room.run("ls -A /dev/shm /dev/mqueue")).out).toBe("/dev/mqueue:\n\n/dev/shm:\n");
    });
  });

  describe("/dev", () => {
    test("has Docker's nodes and links", async () => {
      const { out } = await room.run("cd /dev; for f in *; do stat -c '%n %F %a %t:%T' $f; done; for l in fd stdin stdout stderr ptmx; do readlink $l; done");
      expect(out.trim().split("\n")).toEqual([
        // As runc has it.
        ...(existsSync("/proc/kcore") ? ["core symbolic link 777 0:0"] : []),
        "fd symbolic link 777 0:0",
        "full character special file 666 1:7",
        "mqueue directory 1777 0:0",
        "null character special file 666 1:3",
        "ptmx symbolic link 777 0:0",
        "pts directory 755 0:0",
        "random character special file 666 1:8",
        "shm directory 1777 0:0",
        "stderr symbolic link 777 0:0",
        "stdin symbolic link 777 0:0",
        "stdout symbolic link 777 0:0",
        "tty character special file 666 5:0",
        "urandom character special file 666 1:9",
        "zero character special file 666 1:5",
        ...["/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", "pts/ptmx"],
      ]);
    });
    test("works", async () => {
      const { out, code } = await room.run(
        "echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c; (echo x > /dev/full) 2>/dev/null || echo full; : <> /dev/ptmx && echo terminal; touch /dev/new && echo made",
      );
      expect([code, out]).toEqual([0, "3\n3\nfull\nterminal\nmade\n"]);
    });
    test("is for users, too", async () => {
      const { out } = await room.run(
        "echo x > /dev/null && : <> /dev/ptmx && echo x > /dev/shm/mine && cat /dev/shm/mine; touch /dev/new 2>/dev/null || echo refused",
        { user: "app" },
      );
      expect(out).toBe("x\nrefused\n");
    });
    test.each([
      ["as it is told", 3 * 1024 * 1024, 3_145_728],
      ["Docker's, when nothing is said", undefined, 67_108_864],
    ])("/dev/shm has the size: %s", async (_, shmBytes, bytes) => {
      const { out } = await room.run(
        "dd if=/dev/zero of=/dev/shm/all bs=65536 2>/dev/null; stat -c %s /dev/shm/all",
        shmBytes === undefined ? {} : { shmBytes },
      );
      expect(Number(out)).toBe(bytes);
    });
    test("nothing of it is a change", async () => {
      expect([...(await room.run("touch /dev/new /dev/shm/new; mkdir /dev/folder")).changes.keys()]).toEqual([]);
    });
  });

  test("a file that it leaves open or locked is no matter to the next", async () => {
    // Of the machine's mounts only those of ours count: others may come and go meanwhile.
    const ours = (): string[] =>
      readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(room.folder));
    for (let at = 0; at < 3; at++) expect((await room.run("exec 9>/tmp/lock; (sleep 86400 &) ; echo $$ > /tmp/lock; echo ok")).out).toBe("ok\n");
    expect(ours()).toEqual([]);
  });
});
