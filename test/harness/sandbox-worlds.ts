import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { endOf, projectRoot, type Ran } from "./multihull.ts";
import { sandboxHere, which } from "./sandbox-base.ts";
import { containerFilter } from "./sandbox-filter.ts";

/** Where our command line is run, to see what it makes of it. Each is made by root, from nothing but this machine. */
export const WORLDS = {
  /** Root, as on a virtual machine. */
  root: {},
  /** Root on a machine whose /proc is partly covered, as in a container that may make namespaces: a fresh one cannot be mounted. */
  "root with a masked /proc": { masked: true },
  /** An ordinary user with a range in /etc/subuid and /etc/subgid. */
  "user with subordinate ids": { user: true, subordinate: true },
  "user without subordinate ids": { user: true },
  /** Root in a container of Docker's defaults: 14 capabilities, a filter that refuses namespaces and mounts, a masked /proc. */
  "root in a container": { masked: true, capabilities: true, filter: true },
  /** The filter, and not even root. */
  "user in a container": { masked: true, user: true, capabilities: true, filter: true },
  /** The machine's administrator has forbidden them. */
  "user where user namespaces are forbidden": { user: true, forbidden: true },
} as const satisfies Readonly<Record<string, Traits>>;

export type WorldName = keyof typeof WORLDS;

interface Traits {
  readonly user?: boolean;
  readonly subordinate?: boolean;
  readonly masked?: boolean;
  readonly capabilities?: boolean;
  readonly filter?: boolean;
  readonly forbidden?: boolean;
}

export interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Shell lines that root runs in the world's mount namespace before anything else. */
  readonly before?: string;
}

export interface World {
  readonly name: WorldName;
  /** A folder of its user, with nothing in it. */
  readonly place: string;
  /** User and group id of the user. */
  readonly id: number;
  /** The environment of its programs. */
  readonly env: Readonly<Record<string, string>>;
  /** Program and arguments with which root starts a program there, in the same process. */
  commandLine(program: string, args: readonly string[], before?: string): readonly string[];
  /** Starts our command line; the child's pid is that of the command itself. The store is `place`/store unless the arguments say otherwise. */
  start(args: readonly string[], options?: WorldOptions): ChildProcess;
  run(args: readonly string[], options?: WorldOptions): Promise<Ran>;
  /** Starts another program there. */
  startProgram(program: string, args: readonly string[], options?: WorldOptions): ChildProcess;
}

const USER_ID = 4242;
const USER = "multihull-test";
/** Docker's default 14. */
const CAPABILITIES = "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write";
/** What /etc/subuid says; where namespaces are forbidden, root needs all ids for the one that forbids them. */
const SUBORDINATE = { none: "", own: `${USER}:700000:65536\n`, forbidden: "root:0:65536\n" };
/** An ordinary user's: where administrators' programs are is not in it. */
const PATH = "/usr/local/bin:/usr/bin:/bin";

/** Why worlds cannot be made here; undefined when they can. */
export function worldsHere(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can play all worlds";
  const missing = ["unshare", "setpriv", "newuidmap"].find((name) => which(name) === undefined);
  if (missing !== undefined) return `there is no ${missing}`;
  if (containerFilter() === undefined) return `there is no filter for ${process.arch}`;
  const { status, stderr } = spawnSync("unshare", ["-m", "true"], { encoding: "utf8" });
  return status === 0 ? sandboxHere() : `a mount namespace is refused: ${stderr.trim()}`;
}

/** A world, gone when the test is. */
export function world(name: WorldName): World {
  const traits: Traits = WORLDS[name];
  const home = mkdtempSync(join(tmpdir(), "multihull-world-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return worldIn(home, name, traits);
}

/** The same in a folder that the caller removes. */
export function worldIn(home: string, name: WorldName, traits: Traits = WORLDS[name]): World {
  chmodSync(home, 0o755);
  const id = traits.user === true ? USER_ID : 0;
  const place = join(home, "place");
  for (const folder of ["place", "etc", "checkout"]) mkdirSync(join(home, folder));
  chownSync(place, id, id);
  writeFileSync(join(home, "etc/passwd"), `${readFileSync("/etc/passwd", "utf8").trimEnd()}\n${USER}:x:${USER_ID}:${USER_ID}::${place}:/bin/sh\n`);
  writeFileSync(join(home, "etc/group"), `${readFileSync("/etc/group", "utf8").trimEnd()}\n${USER}:x:${USER_ID}:\n`);
  for (const file of ["subuid", "subgid"])
    writeFileSync(join(home, "etc", file), SUBORDINATE[traits.forbidden === true ? "forbidden" : traits.subordinate === true ? "own" : "none"]);
  const userEnvironment = {
    PATH: id === 0 ? `${PATH}:/usr/sbin:/sbin` : PATH,
    HOME: place,
    USER: id === 0 ? "root" : USER,
    TMPDIR: place,
    DOCKER_CONFIG: "/nonexistent",
    NO_COLOR: "1",
  };
  const commandLine: World["commandLine"] = (program, args, before = "") => [
    ...["unshare", "-m", "--propagation", "private", "sh", "-euc", entrance(home, traits, before), "sh"],
    ...programOf(traits, program, args),
  ];
  const startProgram: World["startProgram"] = (program, args, { env = {}, cwd = place, before } = {}) => {
    const [first, ...rest] = commandLine(program, args, before);
    return spawn(first as string, rest, { cwd, env: { ...userEnvironment, ...env }, stdio: "pipe" });
  };
  const start: World["start"] = (args, options = {}) =>
    startProgram(process.execPath, [join(home, "checkout/bin/multihull"), ...args], {
      ...options,
      env: { MULTIHULL_STORE: join(place, "store"), ...options.env },
    });
  return {
    name,
    place,
    id,
    env: userEnvironment,
    commandLine,
    startProgram,
    start,
    run: async (args, options) => await endOf(start(args, options), options),
  };
}

/** What root does in the world's mount namespace; at last it becomes "$@". Paths come as shell words made here, from temporary folders and this checkout. */
function entrance(home: string, traits: Traits, before: string): string {
  const lines = [
    `mount --bind ${quoted(projectRoot)} ${quoted(join(home, "checkout"))}`,
    ...["passwd", "group", "subuid", "subgid"].map((file) => `[ ! -e /etc/${file} ] || mount --bind ${quoted(join(home, "etc", file))} /etc/${file}`),
    ...(traits.masked === true ? ["mount --bind /dev/null /proc/timer_list", "mount --bind /proc/sys /proc/sys", "mount -o remount,bind,ro /proc/sys"] : []),
    before,
    'exec "$@"',
  ];
  return lines.join("\n");
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

function programOf(traits: Traits, program: string, args: readonly string[]): string[] {
  const drop =
    traits.capabilities === true ? ["--bounding-set", `-all,${CAPABILITIES.replaceAll(/\b(?=[a-z])/g, "+").replaceAll("_+", "_")}`, "--inh-caps", "-all"] : [];
  const become = traits.user === true ? ["--reuid", String(USER_ID), "--regid", String(USER_ID), "--clear-groups"] : [];
  const last = drop.length + become.length === 0 ? [program, ...args] : ["setpriv", ...drop, ...become, program, ...args];
  if (traits.forbidden === true) {
    // The limit holds for a user namespace and those below: one with all ids, in which it is 0.
    const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"';
    return ["unshare", "-U", "--map-users=0,0,65536", "--map-groups=0,0,65536", "sh", "-euc", forbid, "sh", ...last];
  }
  if (traits.filter !== true) return last;
  return [process.execPath, "--import", createRequire(import.meta.url).resolve("tsx"), join(projectRoot, "test/harness/sandbox-carrier.ts"), ...last];
}
