import { formatPlatform, type Platform, platformOf } from "../../core/platform.ts";

/**
 * Whether an image for `offered` is one for `wanted`: the same platform, whatever way it is written (`arm64/v8` is `arm64`), not one that merely runs there. An
 * operating system's version counts when it is asked for, by its leading parts: `windows(10.0.17763)/amd64` is met by `10.0.17763.6893`.
 */
export function satisfies(wanted: Platform, offered: Platform): boolean {
  const [{ "os.version": asked, ...want }, { "os.version": version, ...have }] = [platformOf(wanted), platformOf(offered)];
  return formatPlatform(want) === formatPlatform(have) && (asked === undefined || version === asked || version?.startsWith(`${asked}.`) === true);
}
