import { atLeast } from "../../facts/version.ts";
import type { MissingVersion } from "./load.ts";
import type { LoadedObject } from "./object.ts";

/**
 * Versions of symbols that loaded files want and the libraries that they are wanted of do not define. A library without any definitions is taken as it is; weak wants
 * may be in vain.
 * @see glibc elf/dl-version.c, `_dl_check_map_versions`
 */
export function missingVersions(objects: readonly LoadedObject[]): readonly MissingVersion[] {
  return objects.flatMap((object) =>
    (object.file.binary?.dynamic?.wants ?? []).flatMap(({ file, versions }) => {
      const library = objects.find(({ names }) => names.has(file));
      const dynamic = library?.file.binary?.dynamic;
      if (library === undefined || dynamic?.whole !== true || dynamic.defines.length === 0) return [];
      return versions
        .filter(({ name, weak }) => !weak && !dynamic.defines.includes(name) && name !== dynamic.soname)
        .map(({ name }) => ({ version: name, file, path: library.path, wantedBy: object.path, newest: newestLike(name, dynamic.defines) }));
    }),
  );
}

const SERIES = /^(.*?)_?(\d+(?:\.\d+)*)$/;

/** The newest of the versions that are named like this one: `GLIBC_2.36` for `GLIBC_2.38`. */
function newestLike(version: string, defines: readonly string[]): string | undefined {
  const series = SERIES.exec(version)?.[1];
  if (series === undefined) return undefined;
  const numberOf = (name: string): string => SERIES.exec(name)?.[2] ?? "";
  return defines
    .filter((name) => SERIES.exec(name)?.[1] === series)
    .reduce<string | undefined>((best, name) => (best === undefined || atLeast(numberOf(name), numberOf(best)) ? name : best), undefined);
}
