import { expect, test } from "vitest";
import { toldFiles } from "../../test/harness/host-world.ts";
import type { ToldDaemon } from "./docker-info.ts";
import { placeOfDaemon } from "./docker-process.ts";

const DAEMON: ToldDaemon = {
  version: "28.5.2",
  os: "linux",
  architecture: "amd64",
  store: "classic",
  storageDriver: "overlay2",
  rootless: false,
  product: undefined,
  mirrors: [],
  insecureRegistries: [],
  containersRunning: 0,
  liveRestore: false,
  images: 0,
};

interface Case {
  readonly processes: Readonly<Record<number, { readonly line: string; readonly status?: string }>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly product?: string;
  readonly platform?: string;
  readonly is: { readonly file?: string; readonly pid?: number; readonly why?: string };
}

const ROOT = "Name:\tdockerd\nUid:\t0\t0\t0\t0\nNSpid:\t7\n";
const ME = "Name:\tdockerd\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t7\n";

const cases: Readonly<Record<string, Case>> = {
  "as Debian's systemd starts it": {
    processes: { 7: { line: "/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock" } },
    is: { file: "/etc/docker/daemon.json", pid: 7 },
  },
  "without words": { processes: { 7: { line: "dockerd" } }, is: { file: "/etc/docker/daemon.json", pid: 7 } },
  "with a file and a socket of its own": {
    processes: { 7: { line: "dockerd" }, 8: { line: "dockerd --config-file /run/x/d.json -H unix:///run/x/d.sock" } },
    address: "unix:///run/x/d.sock",
    is: { file: "/run/x/d.json", pid: 8 },
  },
  "with flags and values in one word": {
    processes: { 8: { line: "dockerd --config-file=/x.json --host=tcp://127.0.0.1:1 -Hunix:///var/run/d.sock" } },
    address: "unix:///run/d.sock",
    is: { file: "/x.json", pid: 8 },
  },
  "whose file names the socket": {
    processes: { 8: { line: "dockerd --config-file /x.json" } },
    texts: { "/x.json": '{"hosts":["unix:///run/d.sock"]}' },
    address: "unix:///run/d.sock",
    is: { file: "/x.json", pid: 8 },
  },
  "rootless, one's own": {
    processes: { 6: { line: "dockerd" }, 7: { line: "dockerd", status: ME } },
    address: "unix:///run/user/1000/docker.sock",
    is: { file: "/home/me/.config/docker/daemon.json", pid: 7 },
  },
  "rootless, another's": {
    processes: { 7: { line: "dockerd", status: ME.replaceAll("1000", "1001") } },
    address: "unix:///run/user/1001/docker.sock",
    is: { pid: 7, why: "a rootless daemon of another user reads a file in that user's home" },
  },
  "in a container, with the usual path": {
    processes: { 5: { line: "dockerd --config-file /in/container.json", status: ROOT.replace("7\n", "5\t1\n") }, 7: { line: "dockerd" } },
    is: { file: "/etc/docker/daemon.json", pid: 7 },
  },
  "whose process is not seen": {
    processes: { 9: { line: "/usr/bin/not-dockerd -H fd://" } },
    is: { why: "no daemon of this machine that can be seen listens there" },
  },
  "with a file relative to its folder": {
    processes: { 7: { line: "dockerd --config-file d.json" } },
    is: { pid: 7, why: "the daemon was started with --config-file d.json, a path relative to nobody knows what" },
  },
  "on another machine": { processes: { 7: { line: "dockerd" } }, address: "ssh://me@box", is: { why: "the daemon is on another machine" } },
  "of Docker Desktop": {
    processes: { 7: { line: "dockerd" } },
    product: "Docker Desktop",
    is: { why: "Docker Desktop keeps the daemon's configuration in its virtual machine" },
  },
  "on a Mac, of a product that is not known": { processes: {}, platform: "darwin", is: { why: "the daemon is in a virtual machine of an unknown product" } },
};

test.each(Object.entries(cases))(
  "a daemon %s",
  (_name, { processes, texts = {}, address = "unix:///var/run/docker.sock", product, platform = "linux", is }) => {
    const proc = Object.entries(processes).flatMap(([pid, { line, status = ROOT }]) => [
      [`/proc/${pid}/cmdline`, `${line.replaceAll(" ", "\0")}\0`],
      [`/proc/${pid}/status`, status],
    ]);
    const files = toldFiles({ ...Object.fromEntries(proc), "/proc/self/cmdline": "dockerd\0", ...texts });
    const machine = { platform, release: "6.1", architecture: "amd64", userId: 1000 };
    const { configFile, pid } = placeOfDaemon(address, { ...DAEMON, product }, { files, machine, home: "/home/me", env: {} });
    expect({ file: configFile.known ? configFile.value : undefined, pid, why: configFile.known ? undefined : configFile.why }).toEqual({
      file: undefined,
      pid: undefined,
      why: undefined,
      ...is,
    });
  },
);
