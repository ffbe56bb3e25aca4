import { latestDocker } from "../../facts/docker.ts";
import type { Fact } from "../../findings/finding.ts";
import type { Daemon, DockerContext, Environment, ImageStore } from "../environment.ts";
import { chosenStore, type DaemonConfig, parseDaemonConfig } from "../image-store.ts";
import type { StartDaemon } from "../operation.ts";
import { shownText } from "../text.ts";
import { type Effect, maybe, withDoubt } from "./effect.ts";

/**
 * A daemon of its own, whose context is used from then on: builders that were chosen before are out of sight. Or the daemon of the default context,
 * restarted with another configuration or version on the data that it has.
 */
export const startDaemon: Effect<"start-daemon"> = (operation, environment, { sure, asOf }) => {
  const isNew = operation.context !== undefined && operation.context !== "default";
  const name = isNew ? (operation.context as string) : "default";
  const before = environment.contexts.get(name);
  const daemon = daemonOf(operation, isNew ? undefined : before?.daemon, asOf);
  const fact: Fact = {
    sentence: isNew ? `a second Docker daemon is started, and its context "${name}" is used` : "the Docker daemon is started anew",
    place: operation.place,
  };
  const endpoint = operation.endpoint === undefined ? name : shownText(operation.endpoint);
  const context: DockerContext = { name, endpoint: isNew ? endpoint : (before?.endpoint ?? "default"), daemon, fact };
  const contexts = new Map([...environment.contexts, [name, context]]);
  if (!sure)
    return withDoubt(
      { ...environment, contexts: isNew ? contexts : withUnknownStore(environment.contexts, name) },
      maybe("a Docker daemon is started", operation),
    );
  const keepsImages = !isNew && before?.daemon?.store === daemon.store;
  return { ...environment, contexts, context: isNew ? name : environment.context, images: keepsImages ? environment.images : [] };
};

function daemonOf(operation: StartDaemon, before: Daemon | undefined, asOf: string): Daemon {
  const version = operation.version === "latest" ? latestDocker(asOf) : (operation.version ?? before?.version);
  const config = configOf(operation);
  const store = config === undefined ? "unknown" : storeOf(operation, version, config, before);
  return {
    version,
    store,
    storeFact: { sentence: sentenceOf(version, store, config), place: operation.place },
    rootless: operation.rootless,
    mirrors: config?.mirrors ?? [],
  };
}

const NO_CONFIG: DaemonConfig = { snapshotter: undefined, storageDriver: undefined, usernsRemap: false, mirrors: [] };

/** Undefined: nobody knows what it says. */
function configOf({ config }: StartDaemon): DaemonConfig | undefined {
  if (config === null) return undefined;
  return config === undefined || config.trim() === "" ? NO_CONFIG : parseDaemonConfig(config);
}

function storeOf(operation: StartDaemon, version: string | undefined, config: DaemonConfig, before: Daemon | undefined): ImageStore {
  const store = chosenStore(version, config, before?.store);
  return store === "unknown" ? (operation.store ?? store) : store;
}

function sentenceOf(version: string | undefined, store: ImageStore, config: DaemonConfig | undefined): string {
  const docker = version === undefined ? "Docker" : `Docker ${version}`;
  if (store === "unknown") return `nobody knows the image store of this ${docker}`;
  const set = config?.snapshotter;
  const why =
    set === undefined ? (store === "classic" ? ", because nothing turns containerd's on" : " by default") : `, because "containerd-snapshotter" is ${set}`;
  return `this ${docker} has the ${store} image store${why}`;
}

function withUnknownStore(contexts: ReadonlyMap<string, DockerContext>, name: string): Environment["contexts"] {
  const context = contexts.get(name);
  if (context?.daemon === undefined) return contexts;
  return new Map([...contexts, [name, { ...context, daemon: { ...context.daemon, version: undefined, store: "unknown" } }]]);
}
