import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PEERS, PEERS_RUN, peerEnvironment } from "../compare/places.ts";

/** A Docker that is reached over ssh, as one on another machine is. */
export interface SshHost {
  /** `ssh://root@IP:PORT`. */
  readonly address: string;
  /** A folder with a program `ssh` that has the key for it, to be put first on PATH. */
  readonly client: string;
  /** Ends the server and what it started. */
  end(): Promise<void>;
}

/**
 * Starts an ssh server whose programs find this Docker. Wants root, and changes nothing of the machine: what the server needs in /etc and /run it has in a mount namespace.
 * @throws with its log when it does not come up within 30 s
 */
export async function sshHost(ip: string, port: number, dockerHost: string): Promise<SshHost> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-ssh-"));
  const at = (name: string): string => join(folder, name);
  for (const name of ["host", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  copyFileSync("/etc/passwd", at("passwd"));
  appendFileSync(at("passwd"), "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n");
  const { PATH = "", DOCKER_CONFIG = "" } = peerEnvironment();
  const lines = [
    `ListenAddress ${ip}:${port}`,
    `HostKey ${at("host")}`,
    `AuthorizedKeysFile ${at("user.pub")}`,
    ...["StrictModes no", "UsePAM no", "PermitRootLogin yes", "PidFile none"],
    `SetEnv "PATH=${PATH}" "DOCKER_HOST=${dockerHost}" "DOCKER_CONFIG=${DOCKER_CONFIG}"`,
  ];
  writeFileSync(at("sshd_config"), `${lines.join("\n")}\n`);
  for (const name of ["sockets", "bin"]) mkdirSync(at(name));
  const known = ["-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
  const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
  writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -i ${at("user")} ${known.join(" ")} "$@"\n`);
  chmodSync(at("bin/ssh"), 0o755);

  const log = openSync(at("log"), "w");
  const child = spawn("unshare", ["--mount", "sh", "-euc", START, folder, PEERS_RUN, `${PEERS}/sshd`], { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  const end = async (): Promise<void> => {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const began = performance.now();
  while (performance.now() - began < 30_000 && child.exitCode === null) {
    if (/Server listening/.test(readFileSync(at("log"), "utf8"))) return { address: `ssh://root@${ip}:${port}`, client: at("bin"), end };
    await pause(50);
  }
  const said = readFileSync(at("log"), "utf8");
  await end();
  throw new Error(`sshd does not come up: ${said}`);
}

/** The server wants a user of its own and a folder in /run, where the sockets of our daemons are, too. */
const START = `
mount --make-rprivate /
mount --bind "$0/passwd" /etc/passwd
mount --bind "$1" "$0/sockets"
mount -t tmpfs none /run
mkdir -p /run/sshd "$1"
mount --bind "$0/sockets" "$1"
exec env LD_LIBRARY_PATH="$(echo "$2"/usr/lib/*-linux-gnu)" "$2/usr/sbin/sshd" -D -e -f "$0/sshd_config"
`;

/** With all connections, which are processes of its group or of sessions of their own that end with it. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await ended;
}
