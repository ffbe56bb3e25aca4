import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { heldFact, loadConfidence, loadSeverity, missingAtStart, needFacts, placeIn } from "../loader-told.ts";
import { chainFacts, programText } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "library-not-loadable",
    summary: "a shared library that a program needs to start is found, and is none that the loader takes",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const one of missingAtStart(image, "refused")) {
      const { start, load, missing } = one;
      const [first] = missing;
      if (first?.refused === undefined) continue;
      const { file, says } = first.refused;
      const layer = file.node.source;
      report({
        message: `${programText(start)} needs ${list(missing.map(({ name }) => name))}, and ${file.path} is no library that the loader takes: ${says}`,
        at: placeIn(
          layer,
          missing.flatMap(({ refused }) => refused?.file.path ?? []),
        ),
        facts: [...chainFacts(start), ...needFacts(load, first), `${file.path} has ${file.node.size} bytes`, ...heldFact(file.path, layer)],
        cause: `The loader takes the first file of the name and gives up: "error while loading shared libraries: ${first.name}: ${says}".`,
        remedies: [
          "look at the file: a download that is an error page, a pointer of Git LFS (git lfs pull before the build), or a linker script under a library's name",
          "copy the library itself, with its whole content",
        ],
        severity: loadSeverity(one),
        confidence: loadConfidence(one),
      });
    }
  },
});
