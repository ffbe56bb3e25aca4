import type { Place } from "../../core/span.ts";
import { type EmulatorImage, emulatedArchitecture, emulatorImage, isEmulatorPackage, isFixedPackage } from "../../facts/emulators.ts";
import type { InstallEmulators, Operation } from "../operation.ts";
import { type Text, type Texts, textOf } from "../text.ts";
import type { Scene } from "./scene.ts";

/** What running an image does to the kernel's emulators; undefined for an image that has nothing to do with them. */
export function emulatorsOfImage(image: Text | undefined, given: Texts, place: Place): readonly InstallEmulators[] | undefined {
  const known = image && emulatorImage(repositoryOf(image));
  if (known === undefined) return undefined;
  const architectures = architecturesOf(known, given);
  if (architectures === "none") return [];
  return [{ kind: "install-emulators", architectures, image, place, ...(isFixed(known, given) ? {} : { fixed: false }) }];
}

/** `docker.io/tonistiigi/binfmt:qemu-v8.1` is `tonistiigi/binfmt`; the tag may be unknown. */
function repositoryOf({ parts }: Text): string {
  const [first] = parts;
  if (typeof first !== "string") return "";
  return first.replace(/^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|mirror\.gcr\.io)\//, "").replace(/[:@].*$/s, "");
}

function architecturesOf({ list, byDefault }: EmulatorImage, { items, open }: Texts): readonly string[] | "all" | "none" | undefined {
  if (list === undefined) return byDefault;
  const words = items.map(textOf);
  const at = words.findIndex((word) => word === list || word?.startsWith(`${list}=`) === true);
  if (at === -1) return open || words.includes(undefined) ? undefined : byDefault;
  const equal = words[at]?.slice(list.length + 1) ?? "";
  const values = equal !== "" ? [equal] : byDefault === "none" ? words.slice(at + 1, at + 2) : words.slice(at + 1);
  const found: string[] = [];
  for (const value of values.flatMap((one) => (one === undefined ? [undefined] : one.split(",")))) {
    if (value === undefined) return undefined;
    if (value === "all") return "all";
    const architecture = emulatedArchitecture(value.trim());
    if (architecture !== undefined) found.push(architecture);
  }
  return found.length > 0 ? found : byDefault;
}

/** Some images hold the emulators open only when they are asked to: `-p yes`, `--persistent yes`. What is not known may ask for it. */
function isFixed({ fixedBy }: EmulatorImage, { items, open }: Texts): boolean {
  if (fixedBy === undefined || open) return true;
  const words = items.map(textOf);
  if (words.includes(undefined)) return true;
  return words.some((word, i) => fixedBy.some((flag) => word === `${flag}=yes` || (word === flag && words[i + 1] === "yes")));
}

/** What installing packages brings: emulators, or another Docker. */
export function emulatorsOfPackages(packages: Texts, { place }: Pick<Scene, "place">): readonly Operation[] {
  for (const item of packages.items) {
    const [name = ""] = (textOf(item) ?? "").split("=");
    if (isEmulatorPackage(name))
      return [{ kind: "install-emulators", architectures: "all", image: item, place, ...(isFixedPackage(name) ? {} : { fixed: false }) }];
  }
  return [];
}
