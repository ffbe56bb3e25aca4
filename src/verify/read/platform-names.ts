import { hexOf } from "../../core/digest.ts";
import { formatPlatform, type Platform } from "../../core/platform.ts";
import type { Descriptor } from "../../image/descriptor.ts";

/** Digits of a digest that tell two images of one platform apart. */
const DIGITS = 12;

/** A name for each image, in order: its platform, with its digest's beginning where several have one platform. */
export function platformNames(images: readonly { readonly platform: Platform; readonly manifest: Descriptor }[]): readonly string[] {
  const named = images.map(({ platform, manifest }) => ({ plain: plainName(platform), digest: hexOf(manifest.digest).slice(0, DIGITS) }));
  const uses = new Map<string, number>();
  for (const { plain } of named) uses.set(plain, (uses.get(plain) ?? 0) + 1);
  const seen = new Map<string, number>();
  return named.map(({ plain, digest }) => {
    const name = uses.get(plain) === 1 ? plain : `${plain} (${digest})`;
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name} #${before + 1}`;
  });
}

function plainName({ os, architecture, ...rest }: Platform): string {
  return os === "" && architecture === "" ? "unknown" : formatPlatform({ os: os || "unknown", architecture: architecture || "unknown", ...rest });
}
