import { remembered } from "../../../core/remembered.ts";
import { imageFiles } from "../../loader/image-files.ts";
import type { PlatformImage } from "../../subject.ts";

/** What an image's base is. */
export interface Distribution {
  /** `debian`, `alpine`. */
  readonly id: string;
  /** Major and minor number, as far as there are: `12`, `3.20`; empty for one that is never released (`debian` of unstable). */
  readonly release: string;
}

const PLACES = ["etc/os-release", "usr/lib/os-release"];

/** As os-release(5) tells; undefined where no such file is there, or the file system is not known. */
export const distributionOf: (image: PlatformImage) => Distribution | undefined = remembered((image) => {
  for (const place of PLACES) {
    const bytes = imageFiles(image)?.text(place);
    if (bytes === undefined || typeof bytes === "string") continue;
    const text = Buffer.from(bytes).toString("utf8");
    const id = valueIn(text, "ID");
    if (id === undefined) continue;
    const [major = "", minor] = (valueIn(text, "VERSION_ID") ?? "").split(".");
    return { id, release: minor === undefined ? major : `${major}.${minor}` };
  }
  return undefined;
});

function valueIn(text: string, name: string): string | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1).trim();
  return value?.replace(/^(["'])(.*)\1$/s, "$2") || undefined;
}
