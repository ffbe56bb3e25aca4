import type { PlatformImage } from "../../subject.ts";
import { shownPlatforms, VALUES_SHOWN } from "../shown.ts";
import { grouped } from "./grouped.ts";

/** Images that have one value. */
export interface Share<T> {
  readonly value: T;
  readonly images: readonly PlatformImage[];
}

/** Who has what, the rarest first: where two differ from six, the two are told. One share: all are alike. */
export function sharesOf<T>(images: readonly PlatformImage[], read: (image: PlatformImage) => T, keyOf: (value: T) => string): readonly Share<T>[] {
  const values = images.map((image) => ({ image, value: read(image) }));
  return grouped(values, ({ value }) => keyOf(value))
    .map((alike) => ({ value: (alike[0] as { readonly value: T }).value, images: alike.map(({ image }) => image) }))
    .sort((a, b) => a.images.length - b.images.length);
}

/** `"root" on linux/arm64, "app" on the 6 others`. */
export function shownShares<T>(shares: readonly Share<T>[], shown: (value: T) => string): string {
  const told = shares.slice(-VALUES_SHOWN).map(({ value, images }, i, all) => {
    const others = i === all.length - 1 && i > 0 && images.length > 1;
    return `${shown(value)} on ${others ? `the ${images.length} others` : shownPlatforms(images)}`;
  });
  const more = shares.length - told.length;
  return more === 0 ? told.join(", ") : `${told.join(", ")}, and ${more} more values`;
}
