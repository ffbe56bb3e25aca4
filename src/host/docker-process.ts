import { INFO_SOURCE, type ToldDaemon } from "./docker-info.ts";
import type { DaemonFact, Known } from "./facts.ts";
import { fieldsIn, texts } from "./json.ts";
import type { HostMachine } from "./kernel.ts";
import { known, unknown } from "./known.ts";
import type { HostFiles } from "./ports.ts";

/** What only a daemon's own machine knows of it. */
export type DaemonPlace = Pick<DaemonFact, "configFile" | "pid">;

interface Here {
  readonly files: HostFiles;
  readonly machine: HostMachine;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Finds the process of a daemon and the file that it is configured by. @param address  of the endpoint: `unix:///run/docker.sock` */
export function placeOfDaemon(address: string, daemon: ToldDaemon, here: Here): DaemonPlace {
  const nowhere = (why: string, help: string): DaemonPlace => ({ configFile: unknown("unasked", why, help, INFO_SOURCE), pid: undefined });
  if (daemon.product !== undefined)
    return nowhere(`${daemon.product} keeps the daemon's configuration in its virtual machine`, `change it in the settings of ${daemon.product}`);
  const socket = /^unix:\/\/(\/.*)$/.exec(address)?.[1];
  if (socket === undefined) return nowhere("the daemon is on another machine", "run this command on the daemon's machine");
  if (here.machine.platform !== "linux")
    return nowhere("the daemon is in a virtual machine of an unknown product", "change its configuration in that product's settings");
  const found = daemonsHere(here).find((one) => one.sockets.includes(direct(socket)));
  if (found === undefined)
    return nowhere(
      "no daemon of this machine that can be seen listens there",
      "run this command where the daemon runs, with the right to see its process (sudo)",
    );
  return { configFile: found.configFile, pid: found.pid };
}

interface DaemonProcess {
  readonly pid: number;
  /** Paths of sockets that it listens at. */
  readonly sockets: readonly string[];
  readonly configFile: Known<string>;
}

function daemonsHere(here: Here): DaemonProcess[] {
  return here.files.list("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const file = here.files.read(`/proc/${name}/cmdline`, true);
    const [program = "", ...args] = file.kind === "text" ? file.text.split("\0").filter((arg) => arg !== "") : [];
    return /(?:^|\/)dockerd$/.test(program) && !inContainer(name, here.files) ? [daemonProcess(Number(name), args, here)] : [];
  });
}

/** A daemon in a container has paths of its own, that may be written as this machine's. It has a second number there. */
function inContainer(pid: string, files: HostFiles): boolean {
  const status = files.read(`/proc/${pid}/status`, true);
  return status.kind === "text" && /^NSpid:\s+\d+\s+\d/m.test(status.text);
}

function daemonProcess(pid: number, args: readonly string[], here: Here): DaemonProcess {
  const source = `/proc/${pid}/cmdline`;
  const user = userOf(pid, here.files);
  const named = valuesOf(args, "--config-file").at(-1);
  const configFile = named === undefined ? usualFile(user, here, source) : absolute(named, source);
  const inFile = configFile.known ? here.files.read(configFile.value, true) : undefined;
  const hosts = [...valuesOf(args, "-H", "--host"), ...texts(inFile?.kind === "text" ? fieldsIn(inFile.text)?.hosts : undefined)];
  const usualSocket = user === 0 ? "/run/docker.sock" : `/run/user/${user}/docker.sock`;
  const sockets = hosts.flatMap((host) => {
    const path = /^(?:unix:\/\/)?(\/.*)$/.exec(host)?.[1];
    // Sockets that systemd opens are Docker's usual one.
    return path !== undefined ? [direct(path)] : host.startsWith("fd://") ? [usualSocket] : [];
  });
  return { pid, sockets: hosts.length === 0 ? [usualSocket] : sockets, configFile };
}

/** Where dockerd looks without `--config-file`. @see moby/moby cmd/dockerd (getDefaultDaemonConfigFile), read 2026-11-22 */
function usualFile(user: number, { machine, home, env }: Here, source: string): Known<string> {
  if (user === 0) return known("/etc/docker/daemon.json", source);
  if (user !== machine.userId)
    return unknown("unasked", "a rootless daemon of another user reads a file in that user's home", "run this command as that user", source);
  return known(`${env.XDG_CONFIG_HOME || `${home}/.config`}/docker/daemon.json`, source);
}

const absolute = (path: string, source: string): Known<string> =>
  path.startsWith("/")
    ? known(path, source)
    : unknown("broken", `the daemon was started with --config-file ${path}, a path relative to nobody knows what`, "start it with an absolute path", source);

function userOf(pid: number, files: HostFiles): number {
  const status = files.read(`/proc/${pid}/status`, true);
  return Number((status.kind === "text" ? /^Uid:\s+(\d+)/m.exec(status.text)?.[1] : undefined) ?? 0);
}

/** Of flags as Go's pflag reads them: `--name value`, `--name=value`, `-Hvalue`. */
function valuesOf(args: readonly string[], ...flags: readonly string[]): string[] {
  return args.flatMap((arg, i) =>
    flags.flatMap((flag) => {
      if (arg === flag) return args[i + 1] === undefined ? [] : [args[i + 1] as string];
      if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
      return flag.length === 2 && arg.startsWith(flag) ? [arg.slice(2)] : [];
    }),
  );
}

/** `/var/run` is a link to `/run` wherever Docker runs. */
const direct = (path: string): string => path.replace(/^\/var\/run\//, "/run/");
