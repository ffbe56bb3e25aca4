import { platformOf } from "../core/platform.ts";
import { type Asking, askDocker, isUnknown, sourceOf } from "./ask-docker.ts";
import { daemonFailure } from "./docker-failure.ts";
import { productOf } from "./docker-products.ts";
import type { DaemonFact, Known } from "./facts.ts";
import { count, type Fields, fields, fieldsIn, list, text, texts } from "./json.ts";
import { known, unknown } from "./known.ts";
import { secretFree } from "./secret-free.ts";

/** What a daemon says of itself: all but what only its machine knows. */
export type ToldDaemon = Omit<DaemonFact, "configFile" | "pid">;

// The word `json` alone is not known to releases before 23.0.
export const INFO = ["info", "--format", "{{json .}}"] as const;
export const INFO_SOURCE = sourceOf(INFO);

/** The daemon of the endpoint that `docker` talks to. */
export async function readDaemon(asking: Asking): Promise<Known<ToldDaemon>> {
  const answer = await askDocker(asking, INFO);
  if (isUnknown(answer)) return answer;
  const info = fieldsIn(answer.stdout);
  const version = text(info?.ServerVersion);
  if (info !== undefined && version !== undefined && version !== "") return known(daemonOf(info, version), INFO_SOURCE);
  // Releases before 28.1 end well and say it in the JSON.
  const said = [answer.stderr, ...texts(info?.ServerErrors)].join("\n");
  if (said.trim() === "")
    return unknown(
      "broken",
      `\`${INFO_SOURCE}\` said what is no description of a daemon: "${secretFree(answer.stdout)}"`,
      "see which program `command -v docker` names",
      INFO_SOURCE,
    );
  return daemonFailure(said, INFO_SOURCE);
}

function daemonOf(info: Fields, version: string): ToldDaemon {
  const registries = fields(info.RegistryConfig);
  const { architecture } = platformOf({ architecture: text(info.Architecture) });
  return {
    version: /^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? version,
    os: text(info.OSType) ?? "linux",
    architecture,
    store: storeOf(info),
    storageDriver: text(info.Driver) ?? "",
    rootless: texts(info.SecurityOptions).some((option) => option.split(",").includes("name=rootless")),
    product: productOf(info),
    mirrors: texts(registries.Mirrors),
    insecureRegistries: [
      ...texts(registries.InsecureRegistryCIDRs),
      ...Object.entries(fields(registries.IndexConfigs)).flatMap(([host, of]) => (fields(of).Secure === false ? [host] : [])),
    ],
    containersRunning: count(info.ContainersRunning),
    liveRestore: info.LiveRestoreEnabled === true,
    images: count(info.Images),
  };
}

/** By which Buildx itself tells the store that it loads into. */
const SNAPSHOTTER = "io.containerd.snapshotter.v1";

/** The image store that a daemon's `info` tells. */
export const storeOf = (info: Fields): ToldDaemon["store"] =>
  list(info.DriverStatus).some((row) => list(row)[0] === "driver-type" && list(row)[1] === SNAPSHOTTER) ? "containerd" : "classic";
