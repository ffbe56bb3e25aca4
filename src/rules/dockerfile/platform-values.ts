import { formatPlatform, type Platform } from "../../core/platform.ts";
import type { PlatformVariable } from "../platform-variables.ts";

/** What BuildKit gives a variable in a build for `target` on a builder for `build`; undefined where that is not known. */
export function platformValue(variable: PlatformVariable, target: Platform, build: Platform | undefined): string | undefined {
  const platform = variable.startsWith("TARGET") ? target : build;
  if (platform === undefined) return undefined;
  switch (variable.replace(/^(?:TARGET|BUILD)/, "")) {
    case "PLATFORM":
      return formatPlatform(platform);
    case "OS":
      return platform.os;
    case "ARCH":
      return platform.architecture;
    default:
      return platform.variant ?? "";
  }
}
