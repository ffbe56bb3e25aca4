import { architectureText } from "../../../loader/words.ts";
import { defineImageRule } from "../../../rule.ts";
import { isToldForeign } from "../../../start/foreign.ts";
import { heldFact, placeIn, startLoads } from "../loader-told.ts";
import { chainFacts, confidenceOf, programText, remediesFor, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "interpreter-of-other-architecture",
    summary: "the dynamic loader of what starts is made for another architecture than the program",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const { start, load } of startLoads(image)) {
      const found = load.interpreter?.found;
      const [own, other] = [load.file.binary, found?.binary];
      if (found === undefined || own === undefined || other === undefined || told.has(found.path) || isToldForeign(image, found.path)) continue;
      if (own.machine === other.machine && own.bits === other.bits && own.order === other.order) continue;
      told.add(found.path);
      const layer = found.node.source;
      report({
        message: `${programText(start)} is for ${architectureText(own)}, and its loader ${load.interpreter?.path} is for ${architectureText(other)}`,
        at: placeIn(layer, [found.path, load.path]),
        facts: [...chainFacts(start), `${load.path} asks for ${load.interpreter?.path}`, ...heldFact(found.path, layer)],
        cause: "Linux starts the program through its loader, and refuses: the container ends at once.",
        remedies: remediesFor(layer),
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
