import { architectureText } from "../../../loader/words.ts";
import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { heldFact, loadConfidence, loadSeverity, missingAtStart, needFacts, placeIn } from "../loader-told.ts";
import { chainFacts, programText, remediesFor } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "library-of-other-architecture",
    summary: "of a shared library that a program needs to start, the image has only one of another architecture",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const one of missingAtStart(image, "foreign")) {
      const { start, load, missing } = one;
      const [first] = missing;
      const file = first?.foreign[0];
      const [own, other] = [load.file.binary, file?.binary];
      if (first === undefined || file === undefined || own === undefined || other === undefined) continue;
      const layer = file.node.source;
      report({
        message: `${programText(start)} is for ${architectureText(own)} and needs ${list(missing.map(({ name }) => name))}, of which the image has only ${missing.length === 1 ? "one" : "ones"} for ${architectureText(other)}`,
        at: placeIn(
          layer,
          missing.flatMap(({ foreign }) => foreign.map(({ path }) => path)),
        ),
        facts: [...chainFacts(start), ...needFacts(load, first), `${file.path} is for ${architectureText(other)}`, ...heldFact(file.path, layer)],
        cause:
          load.libc === "musl"
            ? "The loader takes the first library of the name, whatever it is for, and the program ends at once."
            : `The loader passes over libraries for other machines, and says of the one that it has: "error while loading shared libraries: ${first.name}: cannot open shared object file: No such file or directory".`,
        remedies: remediesFor(layer),
        severity: loadSeverity(one),
        confidence: loadConfidence(one),
      });
    }
  },
});
