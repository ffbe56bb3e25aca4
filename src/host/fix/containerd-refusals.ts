import { ProblemError } from "../../core/problem.ts";
import { isGraphDriver, isSnapshotterToo, SNAPSHOTTER_FEATURE } from "../../facts/docker.ts";
import { atLeast } from "../../facts/version.ts";
import type { DaemonConfig } from "../../simulate/image-store.ts";
import type { DaemonFact } from "../facts.ts";
import type { DaemonFlags } from "./daemon-flags.ts";

const OTHER_WAY = "take the other way out: multihull fix --host --with buildx";

/**
 * Refuses a daemon that cannot be given the containerd image store from here.
 * @param address  where `docker` reaches it
 * @throws {ProblemError} `daemon-config-invalid` | `engine-unsuitable`
 */
export function refuseDaemon(daemon: DaemonFact, address: string | undefined): void {
  if (daemon.os !== "linux")
    throw new ProblemError("engine-unsuitable", {
      message: `Docker ${daemon.version} runs containers of ${daemon.os}, and this remedy is one for Linux`,
      hint: "switch Docker to Linux containers",
    });
  if (daemon.product === "Podman")
    throw new ProblemError("engine-unsuitable", { message: "what answers as Docker here is Podman, which has no containerd image store", hint: OTHER_WAY });
  const { works } = SNAPSHOTTER_FEATURE;
  if (atLeast(daemon.version, works) !== true)
    throw new ProblemError("engine-unsuitable", {
      message: `Docker ${daemon.version} has no containerd image store that can be relied on; Docker ${works} is the first that has`,
      hint: `update Docker Engine, or ${OTHER_WAY}`,
      facts: { version: daemon.version, wanted: works },
    });
  if (daemon.product === undefined && daemon.pid === undefined && address !== undefined && /^(?:ssh|tcp|https?):\/\//.test(address))
    throw new ProblemError("daemon-config-invalid", {
      message: `the Docker daemon at "${address.replace(/\/\/[^@/]*:[^@/]*@/, "//")}" runs on another machine, whose configuration cannot be changed from here`,
      hint: `run this there, or ${OTHER_WAY}`,
    });
}

/**
 * Refuses settings with which Docker would not start, or not work, once it has the containerd image store.
 * @see moby/moby daemon/daemon.go, daemon/command/daemon_linux.go, daemon/image_store_choice.go, read 2026-11-22
 * @throws {ProblemError} `daemon-config-invalid`
 */
export function refuseSettings(path: string, config: DaemonConfig | undefined, flags: DaemonFlags): void {
  if (config?.usernsRemap === true || (flags.usernsRemap ?? "") !== "")
    throw refusal(
      path,
      `Docker cannot have the containerd image store together with "userns-remap"${config?.usernsRemap === true ? "" : ", which its command line sets"}`,
      OTHER_WAY,
    );
  const driver = flags.storageDriver ?? config?.storageDriver;
  if (driver !== undefined && isGraphDriver(driver) && !isSnapshotterToo(driver))
    throw refusal(
      path,
      `${flags.storageDriver === undefined ? "it" : "Docker's command line"} sets the storage driver "${driver}", which is one of the classic store: containerd has none of that name`,
      flags.storageDriver === undefined
        ? 'remove "storage-driver" and its "storage-opts", then run this again'
        : "start Docker without --storage-driver, then run this again",
    );
  if (flags.features)
    throw refusal(
      path,
      "Docker's command line sets features (--feature), and with both it does not start",
      "add --feature containerd-snapshotter=true there, and restart Docker",
    );
}

const refusal = (path: string, what: string, hint: string): ProblemError =>
  new ProblemError("daemon-config-invalid", { message: `"${path}" is left as it is: ${what}`, hint: `${hint}; nothing was changed`, facts: { path } });
