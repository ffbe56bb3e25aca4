import { type Platform, platformOf } from "../core/platform.ts";
import type { ImagePlan } from "./graph.ts";
import { knownConfig, type StageState } from "./stage-state.ts";

/**
 * The image that a target stage gives on a platform: labels from the command line over its own, the platform as it was asked for.
 * @param wanted  undefined when none was asked for: the image is then what its base is
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go `finalizeResultImage`, read 2026-11-22
 */
export function finishImage(state: StageState, wanted: Platform | undefined, labels: ReadonlyMap<string, string>): ImagePlan {
  const platform = imagePlatform(state, wanted);
  const { os, architecture, variant } = platform;
  const config = knownConfig({ ...state.config, Labels: { ...state.config.Labels, ...Object.fromEntries(labels) } });
  return {
    platform: wanted ?? platform,
    files: state.files,
    config: {
      ...(state.facts.author === undefined || state.facts.author === "" ? {} : { author: state.facts.author }),
      architecture,
      os,
      ...(platform["os.version"] === undefined ? {} : { "os.version": platform["os.version"] }),
      ...(platform["os.features"] === undefined ? {} : { "os.features": platform["os.features"] }),
      ...(variant === undefined ? {} : { variant }),
      config,
    },
    history: state.history,
    baseHistory: state.baseHistory,
  };
}

/** Version and features of the operating system are the base's, where it has the same system and architecture and nobody asked for others. */
function imagePlatform({ facts, platform }: StageState, wanted: Platform | undefined): Platform {
  const own = facts.os && facts.architecture ? platformOf(facts) : platform;
  if (wanted === undefined) return own;
  const same = own.os === wanted.os && own.architecture === wanted.architecture;
  const version = wanted["os.version"] ?? (same ? own["os.version"] : undefined);
  const features = wanted["os.features"] ?? own["os.features"];
  const variant = wanted.variant ?? (same ? own.variant : undefined);
  return platformOf({ ...wanted, variant, "os.version": version, "os.features": features });
}
