import { byCodeUnit } from "../../../core/order.ts";
import { withoutArchitecture } from "../../../facts/architecture-words.ts";
import { isPlatformLabel } from "../../../facts/labels.ts";
import type { PlatformImage } from "../../subject.ts";
import { type Share, sharesOf } from "./shares.ts";

/** A key of labels or annotations in which platforms differ. */
export interface DifferingKey {
  readonly key: string;
  readonly shares: readonly Share<string | undefined>[];
  /** Some have none. */
  readonly missing: boolean;
}

/** Every key that differs, sorted; those that are another for each platform by nature are left out, and words for an architecture are alike. */
export function differingKeys(images: readonly PlatformImage[], read: (image: PlatformImage) => Readonly<Record<string, string>>): readonly DifferingKey[] {
  const maps = new Map(images.map((image) => [image, new Map(Object.entries(read(image)))]));
  const keys = [...new Set([...maps.values()].flatMap((map) => [...map.keys()]))].sort(byCodeUnit);
  return keys.flatMap((key) => {
    if (isPlatformLabel(key) || withoutArchitecture(key) !== key) return [];
    const shares = sharesOf(
      images,
      (image) => maps.get(image)?.get(key),
      (value) => (value === undefined ? "" : `=${withoutArchitecture(value)}`),
    );
    return shares.length < 2 ? [] : [{ key, shares, missing: shares.some(({ value }) => value === undefined) }];
  });
}
