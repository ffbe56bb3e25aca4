import { byCodeUnit } from "../core/order.ts";
import { type Platform, platformOf } from "../core/platform.ts";
import { type HistoryEntry, type ImageConfig, RUN_CONFIG_KEYS, type RunConfig } from "../image/config.ts";
import { partAssignment, Variables } from "./environment.ts";
import type { FileSystem, VertexId } from "./graph.ts";
import { workingDirectory } from "./paths.ts";

/** What an image says of itself besides its run configuration. */
export interface ImageFacts {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string | undefined;
  readonly "os.version"?: string | undefined;
  readonly "os.features"?: readonly string[] | undefined;
  readonly author?: string | undefined;
}

export type PlannedHistory = HistoryEntry & { readonly layer?: VertexId };

/** A stage on a platform, after some of its instructions. Values are replaced, never changed, so that a stage built upon another copies it cheaply. */
export interface StageState {
  platform: Platform;
  facts: ImageFacts;
  config: RunConfig;
  /** ENV and ARG, as words see them. */
  variables: Variables;
  /** ARGs so far, the stage's base first, with doubles; a value is absent when ARG gave none. */
  args: readonly { readonly name: string; readonly value?: string }[];
  files: FileSystem;
  history: readonly PlannedHistory[];
  baseHistory: readonly HistoryEntry[];
  /** CMD stands in this stage: ENTRYPOINT then leaves it. */
  cmdSet: boolean;
}

const PATH_UNIX = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** FROM scratch, or a context without an image's config. */
export function scratchState(platform: Platform, files: FileSystem = { layers: [] }): StageState {
  return {
    platform,
    facts: { ...platform },
    // A Windows image leaves PATH to the system (moby/buildkit#5445).
    config: { WorkingDir: "/", ...(platform.os === "windows" ? {} : { Env: [`PATH=${PATH_UNIX}`] }) },
    variables: new Variables(),
    args: [],
    files,
    history: [],
    baseHistory: [],
    cmdSet: false,
  };
}

/** What the publisher of a base put in, as far as BuildKit takes it over: unknown fields are dropped, and so is the time of its making. */
export function imageState(image: ImageConfig, platform: Platform, files: FileSystem): StageState {
  const { architecture, os, variant, author } = image;
  return {
    platform,
    facts: { architecture, os, variant, "os.version": image["os.version"], "os.features": image["os.features"], author },
    config: knownConfig(image.config ?? {}),
    variables: new Variables(),
    args: [],
    files,
    history: [],
    baseHistory: image.history ?? [],
    cmdSet: false,
  };
}

/** FROM another stage. ONBUILD triggers are not handed on: they run. */
export function childState(base: StageState): StageState {
  const { OnBuild: _, ...config } = base.config;
  return { ...base, config, variables: base.variables.copy(), cmdSet: false };
}

/** What BuildKit does before a stage's first instruction: PATH is there, the environment is in sight, the working folder is absolute. */
export function beginStage(state: StageState): void {
  const env = state.config.Env ?? [];
  if (!env.some((assignment) => partAssignment(assignment)[0] === "PATH") && state.platform.os !== "windows") {
    state.config = { ...state.config, Env: [...env, `PATH=${PATH_UNIX}`] };
  }
  for (const assignment of state.config.Env ?? []) state.variables.set(...partAssignment(assignment));
  const workingDir = state.config.WorkingDir ?? "";
  if (workingDir !== "") state.config = { ...state.config, WorkingDir: workingDirectory(workingDir, workingDir, state.platform.os) };
}

/** Platform of an image's config; absent when it does not say, as with an artifact that is none. */
export const configPlatform = (image: ImageConfig): Platform | undefined => (image.os && image.architecture ? platformOf(image) : undefined);

/** The fields of the image specification and of Docker's extension that hold something, in their order; maps sorted by key. */
export function knownConfig(config: RunConfig): RunConfig {
  const kept: [string, unknown][] = [];
  for (const key of RUN_CONFIG_KEYS) {
    const value: unknown = config[key];
    if (value === undefined || value === null || value === "" || value === false) continue;
    if (typeof value !== "object" || key === "Healthcheck") kept.push([key, value]);
    else if (Array.isArray(value)) {
      if (value.length > 0) kept.push([key, value]);
    } else {
      const fields = Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b));
      if (fields.length > 0) kept.push([key, Object.fromEntries(fields)]);
    }
  }
  return Object.fromEntries(kept);
}
