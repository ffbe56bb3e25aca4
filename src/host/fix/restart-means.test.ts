import { expect, test } from "vitest";
import { daemonFact } from "../../../test/harness/host-facts.ts";
import { toldFiles } from "../../../test/harness/host-world.ts";
import type { HostPrograms } from "../ports.ts";
import { restartMeans } from "./restart-means.ts";

/** A service manager that knows these units' main processes. */
const systemctl = (units: Readonly<Record<string, number>>, calls: string[] = []): HostPrograms => ({
  run: async (program, args) => {
    calls.push([program, ...args].join(" "));
    const pid = units[args.at(-1) ?? ""];
    return program !== "systemctl" || pid === undefined ? { kind: "missing" } : { kind: "ended", status: 0, stdout: `${pid}\n`, stderr: "" };
  },
});
const cgroup = (unit: string): string => `0::/system.slice/${unit}\n`;
const INIT = { "/etc/init.d/docker": "#!/bin/sh\n" };

test.each([
  [
    "a unit whose main process it is",
    { "/proc/7/cgroup": cgroup("docker.service") },
    { "docker.service": 7 },
    false,
    "systemctl --no-ask-password restart docker.service",
  ],
  [
    "a unit by another name",
    { "/proc/7/cgroup": cgroup("snap.docker.dockerd.service") },
    { "snap.docker.dockerd.service": 7 },
    false,
    "systemctl --no-ask-password restart snap.docker.dockerd.service",
  ],
  ["a unit that only holds it", { "/proc/7/cgroup": cgroup("ssh.service") }, { "ssh.service": 3 }, false, undefined],
  [
    "a unit that started a shell",
    { "/proc/7/cgroup": cgroup("docker-tests.service"), "/proc/7/status": "PPid:\t3\n" },
    { "docker-tests.service": 3 },
    false,
    undefined,
  ],
  ["a session", { "/proc/7/cgroup": "0::/user.slice/user-0.slice/session-1.scope\n" }, {}, false, undefined],
  [
    "rootless, below RootlessKit",
    {
      "/proc/7/cgroup": "0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service\n",
      "/proc/7/status": "PPid:\t6\n",
      "/proc/6/status": "PPid:\t5\n",
    },
    { "docker.service": 5 },
    true,
    "systemctl --user --no-ask-password restart docker.service",
  ],
  [
    "rootless, in a shell of the user's",
    { "/proc/7/cgroup": "0::/user.slice/app.slice/foot.service\n", "/proc/7/status": "PPid:\t5\n" },
    { "foot.service": 5 },
    true,
    undefined,
  ],
  ["an init script that keeps it", { ...INIT, "/var/run/docker.pid": "7\n" }, {}, false, "service docker restart"],
  ["an init script that keeps another", { ...INIT, "/var/run/docker.pid": "8\n" }, {}, false, undefined],
  ["a pid file without init script", { "/var/run/docker.pid": "7" }, {}, false, undefined],
])("%s", async (_name, files, units, rootless, wanted) => {
  const { command, byHand } = await restartMeans(daemonFact({ pid: 7, rootless }), { files: toldFiles(files), programs: systemctl(units) });
  expect(command?.join(" ")).toBe(wanted);
  expect(byHand).toBe(wanted === undefined ? "end the process 7 (dockerd) and start it again as it was started" : `${rootless ? "" : "sudo "}${wanted}`);
});

test("asks nobody about a daemon whose process is not known", async () => {
  const calls: string[] = [];
  const means = await restartMeans(daemonFact({ pid: undefined }), { files: toldFiles(INIT), programs: systemctl({}, calls) });
  expect(means.command).toBe(undefined);
  expect(means.byHand).toMatch(/systemctl restart docker/);
  expect(calls).toEqual([]);
});
