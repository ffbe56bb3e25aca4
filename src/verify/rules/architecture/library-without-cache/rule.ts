import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { heldFact, loadConfidence, loadSeverity, missingAtStart, needFacts, placeIn, searchedFact } from "../loader-told.ts";
import { chainFacts, programText } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "library-without-cache",
    summary: "a shared library that a program needs to start lies in a folder of /etc/ld.so.conf, and ldconfig did not run",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const one of missingAtStart(image, "uncached")) {
      const { start, load, missing } = one;
      const [first] = missing;
      const file = first?.uncached;
      if (first === undefined || file === undefined) continue;
      const layer = file.node.source;
      report({
        message: `${programText(start)} needs ${list(missing.map(({ name }) => name))}, which ${missing.length === 1 ? "lies" : "lie"} in a folder of /etc/ld.so.conf, but /etc/ld.so.cache does not know ${missing.length === 1 ? "it" : "them"}`,
        at: placeIn(
          layer,
          missing.flatMap(({ uncached }) => uncached?.path ?? []),
        ),
        facts: [...chainFacts(start), ...needFacts(load, first), `${file.path} would do`, ...heldFact(file.path, layer), ...searchedFact(first)],
        cause: `The loader never reads /etc/ld.so.conf, only the cache that ldconfig makes of it. The program ends: "error while loading shared libraries: ${first.name}: cannot open shared object file: No such file or directory".`,
        remedies: [
          "run ldconfig after the library is installed or copied: RUN ldconfig in the final stage",
          "set LD_LIBRARY_PATH to the folder",
          "link with -Wl,-rpath, to the folder",
        ],
        severity: loadSeverity(one),
        confidence: loadConfidence(one),
      });
    }
  },
});
