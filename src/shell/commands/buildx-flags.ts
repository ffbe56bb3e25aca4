import type { FlagTable } from "../arguments.ts";

// From the sources of docker/buildx 461836ba0 (2026-08-20), commands/*.go, hidden flags included.

/** Of every sub-command of `docker buildx`. */
const COMMON = { text: ["builder"], switch: ["debug D", "help h"] };

export const BUILD: FlagTable = {
  text: [
    ...COMMON.text,
    "file f",
    "cgroup-parent",
    "iidfile",
    "network",
    "shm-size",
    "target",
    "sbom",
    "provenance",
    "call",
    "print",
    "progress",
    "metadata-file",
    "isolation",
    "memory m",
    "memory-swap",
    "cpu-shares c",
    "cpu-period",
    "cpu-quota",
    "cpuset-cpus",
    "cpuset-mems",
  ],
  list: [
    "add-host",
    "allow",
    "annotation",
    "build-arg",
    "cache-from",
    "cache-to",
    "build-context",
    "label",
    "no-cache-filter",
    "output o",
    "platform",
    "policy",
    "resource",
    "secret",
    "ssh",
    "tag t",
    "ulimit",
    "attest",
    "security-opt",
  ],
  switch: [...COMMON.switch, "load", "push", "quiet q", "no-cache", "pull", "compress", "squash", "rm", "force-rm", "disable-content-trust"],
  optional: ["check"],
};

export const CREATE: FlagTable = {
  text: [...COMMON.text, "name", "driver", "node", "buildkitd-flags", "buildkitd-config", "config"],
  list: ["platform", "driver-opt"],
  switch: [...COMMON.switch, "bootstrap", "append", "leave", "use"],
};

export const USE: FlagTable = { ...COMMON, switch: [...COMMON.switch, "global", "default"] };
export const REMOVE: FlagTable = { ...COMMON, switch: [...COMMON.switch, "keep-state", "keep-daemon", "all-inactive", "force f"] };
export const INSPECT: FlagTable = { ...COMMON, switch: [...COMMON.switch, "bootstrap"] };
export const LIST: FlagTable = { text: [...COMMON.text, "format"], switch: [...COMMON.switch, "no-trunc"] };

export const BAKE: FlagTable = {
  text: [...COMMON.text, "sbom", "provenance", "call", "list", "progress", "metadata-file"],
  list: ["file f", "policy", "set", "var", "allow"],
  switch: [...COMMON.switch, "load", "push", "print", "no-cache", "pull", "list-targets", "list-variables"],
  optional: ["check"],
};

export const IMAGETOOLS_CREATE: FlagTable = {
  text: [...COMMON.text, "progress", "metadata-file"],
  list: ["file f", "tag t", "annotation", "platform p"],
  switch: [...COMMON.switch, "dry-run", "append", "prefer-index"],
};

export const IMAGETOOLS_INSPECT: FlagTable = { text: [...COMMON.text, "format"], switch: [...COMMON.switch, "raw"] };

/** Between `docker buildx` and its sub-command. */
export const PARENT: FlagTable = { ...COMMON, flagsFirst: true };
