import { countText } from "../../../../core/quantity.ts";
import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { loadConfidence, loadSeverity, missingAtStart, needFacts, searchedFact } from "../loader-told.ts";
import { chainFacts, placeOf, programText } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "missing-library",
    summary: "a shared library that a program needs to start is nowhere that its loader looks",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const one of missingAtStart(image, "absent")) {
      const { start, load, missing } = one;
      const [first] = missing;
      if (first === undefined) continue;
      const names = missing.map(({ name }) => name);
      const by = missing.every(({ neededBy }) => neededBy === load.path);
      report({
        message: `${programText(start)} needs ${list(names)}, which the image has nowhere that the loader looks`,
        at: placeOf(start),
        facts: [...chainFacts(start), ...new Set(missing.slice(0, SHOWN).flatMap((library) => needFacts(load, library))), ...searchedFact(first)],
        cause: `The loader looks for all libraries before the program begins. It ends with status 127: "${load.libc === "musl" ? `Error loading shared library ${first.name}: No such file or directory (needed by ${first.neededBy})` : `${load.path}: error while loading shared libraries: ${first.name}: cannot open shared object file: No such file or directory`}".`,
        remedies: [
          `install the ${missing.length === 1 ? "package that has it" : `packages that have them (${countText(missing.length, "library", "libraries")})`} in the final stage`,
          ...(by
            ? ["copy the libraries that the building stage links with (ldd lists them) to a folder that the loader looks into, or set LD_LIBRARY_PATH"]
            : []),
          "link it statically",
        ],
        severity: loadSeverity(one),
        confidence: loadConfidence(one),
      });
    }
  },
});

/** Libraries whose way is told. */
const SHOWN = 5;
