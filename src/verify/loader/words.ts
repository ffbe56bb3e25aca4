import { loaderArchitecture } from "../../facts/loaders.ts";
import type { Elf } from "../binary/binary.ts";

/** `arm64`; `machine 93, 32-bit` for one that is not known. */
export const architectureText = (elf: Elf): string => {
  const known = loaderArchitecture(elf);
  return known === undefined ? `machine ${elf.machine}, ${elf.bits}-bit` : known.name.replace(/ \(.* float\)$/, "");
};
