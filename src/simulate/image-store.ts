import { CONTAINERD_BY_DEFAULT, isGraphDriver, SNAPSHOTTER_FEATURE } from "../facts/docker.ts";
import { atLeast } from "../facts/version.ts";
import type { ImageStore, Runner } from "./environment.ts";

/** Which image store a daemon takes on a fresh data folder, without any configuration. */
export function defaultStore(version: string | undefined, os: Runner["os"] = "linux"): ImageStore {
  if (os === "windows") return "classic";
  const newer = version === undefined ? undefined : atLeast(version, CONTAINERD_BY_DEFAULT);
  return newer === undefined ? "unknown" : newer ? "containerd" : "classic";
}

/** What of `daemon.json` decides the image store, and more of what we look at. */
export interface DaemonConfig {
  /** `features.containerd-snapshotter`. */
  readonly snapshotter: boolean | undefined;
  readonly storageDriver: string | undefined;
  readonly usernsRemap: boolean;
  readonly mirrors: readonly string[];
}

/** Reads `daemon.json`; undefined for what is not JSON, or no object (dockerd refuses to start, and setup-docker-action fails). */
export function parseDaemonConfig(text: string): DaemonConfig | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const config = record(json);
  if (config === undefined) return undefined;
  const flag = record(config.features)?.["containerd-snapshotter"];
  const mirrors = config["registry-mirrors"];
  return {
    snapshotter: typeof flag === "boolean" ? flag : undefined,
    storageDriver: textIn(config["storage-driver"]),
    usernsRemap: (textIn(config["userns-remap"]) ?? "") !== "",
    mirrors: Array.isArray(mirrors) ? mirrors.filter((mirror) => typeof mirror === "string") : [],
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
const textIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/**
 * Which image store a daemon takes.
 * @param before  the store whose data lies in its data folder; undefined for a fresh one
 * @see moby/daemon image_store_choice.go
 */
export function chosenStore(version: string | undefined, config: DaemonConfig, before: ImageStore | undefined): ImageStore {
  if (config.snapshotter === true) {
    // The flag works in every version that one would install today.
    if (version === undefined || atLeast(version, SNAPSHOTTER_FEATURE.works) === true) return "containerd";
    return atLeast(version, SNAPSHOTTER_FEATURE.ignoredBefore) === false ? "classic" : "unknown";
  }
  if (config.snapshotter === false) return "classic";
  if (before === "classic" || config.usernsRemap) return "classic";
  if (config.storageDriver !== undefined && isGraphDriver(config.storageDriver)) return "classic";
  const store = defaultStore(version);
  return before === "unknown" && store === "containerd" ? "unknown" : store;
}
