import { decodeName } from "../../image/tar/name.ts";
import type { Damage } from "./damage.ts";
import { placeOf, type Segment } from "./elf-segments.ts";
import type { KeptFile } from "./kept-file.ts";

/** The names in a dynamic string table. */
export interface Names {
  /** The name at an offset of the table; undefined when it cannot be read. */
  at(offset: number): string | undefined;
  /** False once something could not be read. */
  readonly whole: boolean;
  /** Something that names belong to could not be read. */
  miss(): void;
}

/** A run path is the longest of them. */
const NAME_BYTES_LIMIT = 16 * 1024;
/** Most names fit in a first look; what lies behind may not be kept. */
const FIRST_LOOK_BYTES = 128;
/** Names may share their ends, so that few bytes make many characters: not without end. glibc's libc.so.6 has 1 KB of names, Qt's libraries 3 KB. */
const ALL_NAMES_LIMIT = 1024 * 1024;

/** @param address, size  DT_STRTAB and DT_STRSZ */
export function namesOf(file: KeptFile, segments: readonly Segment[], address: number | undefined, size: number | undefined, damage: Damage): Names {
  const place = address === undefined ? undefined : placeOf(segments, address);
  const end = place === undefined ? 0 : Math.min(size ?? place.left, place.left);
  const known = new Map<number, string>();
  let [whole, characters] = [true, 0];
  const broken = (what: string | undefined): undefined => {
    whole = false;
    if (what !== undefined) damage.tell(what);
  };

  function read(offset: number): string | undefined {
    if (place === undefined) return broken("its string table lies in no segment");
    if (!(offset < end)) return broken("a name of its dynamic section lies beyond its string table");
    for (const limit of [FIRST_LOOK_BYTES, NAME_BYTES_LIMIT]) {
      const length = Math.min(limit, end - offset);
      const bytes = file.take(place.offset + offset, length);
      if (bytes === "beyond") return broken("it is cut short in its string table");
      if (bytes === "dropped") return broken(undefined);
      const nul = bytes.indexOf(0);
      if (nul !== -1) {
        characters += nul;
        return characters > ALL_NAMES_LIMIT ? broken("its dynamic section has more names than any program") : decodeName(bytes.subarray(0, nul));
      }
      if (length < limit) break;
    }
    return broken("a name of its dynamic section does not end");
  }

  return {
    at(offset) {
      const found = known.get(offset) ?? read(offset);
      if (found !== undefined) known.set(offset, found);
      return found;
    },
    get whole() {
      return whole;
    },
    miss: () => broken(undefined),
  };
}
