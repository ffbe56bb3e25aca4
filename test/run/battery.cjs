// Runs inside a RUN step: `node battery.cjs MARK SOCKET` tries to get out in every way that it knows and prints, as JSON, what came of each.
// MARK is a path that exists on the machine and must not be seen; SOCKET is the name of an abstract socket on which the machine listens.
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const koffi = require("koffi");

const [mark, socketName, only] = process.argv.slice(2);
const library = koffi.load(null);
// Whatever is let through must do no harm: tests may run as root. So nothing is written, restarted or set that could be.
const calls = new Map();
/** Calls a function of the C library: `call("int kill(int, int)", 1, 9)`; "done" or the error's name. */
function call(prototype, ...args) {
  if (!calls.has(prototype)) calls.set(prototype, library.func(prototype));
  const result = Number(calls.get(prototype)(...args));
  return result === -1 ? nameOf(koffi.errno()) : `done ${result}`;
}
const nameOf = (errno) => Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
const syscall = (number, ...args) => call("long syscall(long, long, long, long, long, long)", number, ...[...args, 0, 0, 0, 0, 0].slice(0, 5));
const numbered = (x64, arm64) => (process.arch === "x64" ? x64 : arm64);
/** "done …" or the error's code. */
function tried(act) {
  try {
    return `done ${act() ?? ""}`.trim();
  } catch (error) {
    return error.code ?? String(error);
  }
}
const openable = (path, flags) => tried(() => fs.closeSync(fs.openSync(path, flags)));
/** Paths below a folder that can be opened for writing; none is written to. */
function writable(folder, depth) {
  const found = [];
  const visit = (at, left) => {
    let entries = [];
    try {
      entries = fs.readdirSync(at, { withFileTypes: true });
    } catch {}
    for (const entry of entries) {
      const path = `${at}/${entry.name}`;
      if (entry.isDirectory() && left > 0) visit(path, left - 1);
      else if (entry.isFile() && openable(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK).startsWith("done")) found.push(path);
    }
  };
  visit(folder, depth);
  return found.slice(0, 20).join(" ");
}
const below = (path) => tried(() => fs.readdirSync(path).slice(0, 40).sort().join(" "));
const MOUNT = "int mount(const char*, const char*, const char*, unsigned long, const char*)";
const inChild = (attack) => spawnSync(process.execPath, [__filename, mark, socketName, attack], { encoding: "utf8" }).stdout.trim();

const ATTACKS = {
  "write core_pattern": () => openable("/proc/sys/kernel/core_pattern", "r+"),
  "write the loader of modules": () => openable("/proc/sys/kernel/modprobe", "r+"),
  "write to anything in /proc/sys": () => writable("/proc/sys", 6),
  "write to anything in /sys": () => writable("/sys", 4),
  "trigger sysrq": () => openable("/proc/sysrq-trigger", "w"),
  "read the kernel's memory": () => tried(() => fs.readSync(fs.openSync("/proc/kcore", "r"), Buffer.alloc(8))),
  "read the machine's keys": () => tried(() => fs.readFileSync("/proc/keys", "utf8")),
  "read the machine's timers": () => tried(() => fs.readFileSync("/proc/timer_list", "utf8")),
  "read firmware": () => below("/sys/firmware"),
  "read power meters": () => below("/sys/devices/virtual/powercap"),
  "mount a tmpfs": () => call(MOUNT, "x", "/tmp", "tmpfs", 0, null),
  "mount proc": () => call(MOUNT, "x", "/tmp", "proc", 0, null),
  "bind a folder": () => call(MOUNT, "/etc", "/tmp", null, 4096, null),
  "make /proc/sys writable": () => call(MOUNT, "x", "/proc/sys", null, 32 | 4096, null),
  "share mounts with the machine": () => call(MOUNT, "x", "/", null, 1 << 20, null),
  "unmount what covers": () =>
    fs
      .readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4])
      .filter((path) => path !== undefined && path !== "/")
      .map((path) => `${path}: ${call("int umount2(const char*, int)", path, 2)}`)
      .filter((text) => text.includes("done"))
      .join(" "),
  "the new calls for mounts": () => [428, 429, 430, 432, 442].map((number) => syscall(number)).join(" "),
  "pivot the root": () => syscall(numbered(155, 41)),
  "make a node of the disk": () => call("int mknod(const char*, unsigned int, uint64_t)", "/tmp/disk", 0o60666, (254 << 8) | 0),
  "make a node of memory": () => call("int mknod(const char*, unsigned int, uint64_t)", "/tmp/memory", 0o20666, (1 << 8) | 1),
  "make a node of a network device": () => call("int mknod(const char*, unsigned int, uint64_t)", "/tmp/tun", 0o20666, (10 << 8) | 200),
  "open nodes that were made": () => ["/tmp/disk", "/tmp/memory", "/tmp/tun"].map((path) => openable(path, "r")).join(" "),
  "forge a whiteout": () => call("int mknod(const char*, unsigned int, uint64_t)", "/etc/forged", 0o20000, 0),
  "a user namespace": () => String(spawnSync("unshare", ["-U", "true"]).status),
  "a mount namespace": () => String(spawnSync("unshare", ["-m", "true"]).status),
  "a network namespace": () => String(spawnSync("unshare", ["-n", "true"]).status),
  "all namespaces at once": () => String(spawnSync("unshare", ["-Urmpf", "--mount-proc", "true"]).status),
  "clone3 for a namespace": () => syscall(435),
  "enter the first process's namespaces": () => tried(() => call("int setns(int, int)", fs.openSync("/proc/1/ns/mnt", "r"), 0)),
  "enter a namespace again": () => tried(() => call("int setns(int, int)", fs.openSync("/proc/self/ns/mnt", "r"), 0)),
  "the first process's root": () => below("/proc/1/root"),
  "the first process's folder": () => below("/proc/1/cwd"),
  "the first process's program": () => openable("/proc/1/exe", "r"),
  "the first process's files": () =>
    [0, 1, 2, 3, ...fs.readdirSync("/proc/1/fd")]
      .flatMap((fd) => [openable(`/proc/1/fd/${fd}`, "r"), tried(() => fs.readlinkSync(`/proc/1/fd/${fd}`))])
      .filter((text) => text.startsWith("done"))
      .join(" "),
  "the first process's environment": () => tried(() => fs.readFileSync("/proc/1/environ", "utf8")),
  "the first process's memory": () => openable("/proc/1/mem", "r"),
  "the first process's maps": () => tried(() => fs.readFileSync("/proc/1/maps", "utf8").slice(0, 200)),
  "trace the first process": () => call("long ptrace(long, long, long, long)", 0x4206, 1, 0, 0),
  "read the first process by number": () =>
    call("long process_vm_readv(int, const uint8_t*, unsigned long, const uint8_t*, unsigned long, unsigned long)", 1, vector(), 1, vector(), 1, 0),
  "other processes": () =>
    fs
      .readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => tried(() => fs.readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")))
      .filter((command) => !command.includes("battery.cjs"))
      .join("\n"),
  "environments of other processes": () =>
    fs
      .readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => tried(() => fs.readFileSync(`/proc/${pid}/environ`, "latin1").replaceAll("\0", " ")))
      .join("\n"),
  "a file of the machine": () => String(fs.existsSync(mark)),
  "out by chroot": () => inChild("chroot"),
  "out by a file handle": () => syscall(numbered(304, 265)),
  "sockets that lie about": () =>
    ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket"]
      .filter((path) => fs.existsSync(path))
      .join(" "),
  devices: () => below("/dev"),
  "the machine's log": () => openable("/dev/kmsg", "r"),
  "control groups": () => tried(() => fs.mkdirSync("/sys/fs/cgroup/mine")),
  "the caller's terminal": () => openable("/dev/tty", "r+"),
  "type into the caller's terminal": () => [0, 1, 2].map((fd) => call("int ioctl(int, unsigned long, const char*)", fd, 0x5412, "x")).join(" "),
  "load a program into the kernel": () => syscall(numbered(321, 280)),
  "measure the machine": () => syscall(numbered(298, 241)),
  keys: () => `${syscall(numbered(250, 219), 0, -3, 1)} ${syscall(numbered(248, 217))}`,
  "page faults of its own": () => syscall(numbered(323, 282)),
  "load a kernel": () => syscall(numbered(246, 104)),
  "load a module": () => `${syscall(numbered(175, 105))} ${syscall(numbered(313, 273))} ${syscall(numbered(176, 106))}`,
  "a ring of requests": () => syscall(425, 1),
  "restart the machine": () => call("int reboot(int)", 0x0bad),
  "set the clock": () => syscall(numbered(164, 170)),
  "rename the machine": () => call("int sethostname(const char*, unsigned long)", "evil", 4),
  "swap to a file": () => call("int swapon(const char*, int)", "/bin/sh", 0),
  "raise its limits": () => call("int setrlimit(int, const uint8_t*)", 7, limitOf(1n << 40n)),
  rights: () => /^Cap(Eff|Prm|Bnd|Amb):.*$/gm[Symbol.match](fs.readFileSync("/proc/self/status", "utf8")).join(" ").replaceAll("\t", ""),
  "rights that are passed on": () => /^CapInh:\s*(.*)$/m.exec(fs.readFileSync("/proc/self/status", "utf8"))[1],
  filter: () => /^Seccomp:\s*(.*)$/m.exec(fs.readFileSync("/proc/self/status", "utf8"))[1],
  ids: () => fs.readFileSync("/proc/self/uid_map", "utf8").trim().replaceAll(/\s+/g, " "),
};

function vector() {
  const iovec = Buffer.alloc(16);
  iovec.writeBigUInt64LE(BigInt(koffi.address(iovec)), 0);
  iovec.writeBigUInt64LE(8n, 8);
  return iovec;
}

function limitOf(value) {
  const limit = Buffer.alloc(16);
  limit.writeBigUInt64LE(value, 0);
  limit.writeBigUInt64LE(value, 8);
  return limit;
}

if (only === "chroot") {
  // The classic: a root below the folder that one stands in, and up from there.
  fs.mkdirSync("/tmp/jail", { recursive: true });
  process.chdir("/");
  const entered = call("int chroot(const char*)", "/tmp/jail");
  for (let up = 0; up < 64; up++) call("int chdir(const char*)", "..");
  call("int chroot(const char*)", ".");
  console.log(`${entered.replace(/ .*/, "")} ${fs.existsSync(mark)}`);
} else {
  const results = {};
  for (const [name, attack] of Object.entries(ATTACKS)) results[name] = tried(attack).replace(/^done ?/, "");
  const asked = (name, address) =>
    new Promise((resolve) => {
      const socket = net.connect(address);
      socket.once("connect", () => {
        results[name] = "connected";
        socket.destroy();
        resolve();
      });
      socket.once("error", (error) => {
        results[name] = error.code;
        resolve();
      });
    });
  void asked("an abstract socket of the machine", `\0${socketName}`).then(() => console.log(JSON.stringify(results, null, 1)));
}
