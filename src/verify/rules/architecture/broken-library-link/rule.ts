import { defineImageRule } from "../../../rule.ts";
import { list, quote } from "../../shown.ts";
import { heldFact, loadConfidence, loadSeverity, missingAtStart, needFacts, placeIn } from "../loader-told.ts";
import { chainFacts, programText } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "broken-library-link",
    summary: "a shared library that a program needs to start is a symbolic link that leads nowhere",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const one of missingAtStart(image, "broken-link")) {
      const { start, load, missing } = one;
      const [first] = missing;
      const link = first?.brokenLinks[0];
      if (first === undefined || link === undefined) continue;
      const layer = link.node.source;
      const links = missing.flatMap(({ brokenLinks }) => brokenLinks);
      report({
        message: `${programText(start)} needs ${list(missing.map(({ name }) => name))}, and ${link.path} is a symbolic link to ${quote(link.target)}, where nothing is`,
        at: placeIn(
          layer,
          links.map(({ path }) => path),
        ),
        facts: [...chainFacts(start), ...needFacts(load, first), ...heldFact(link.path, layer)],
        cause: `The loader finds no file behind the link, and the program ends: "error while loading shared libraries: ${first.name}: cannot open shared object file: No such file or directory".`,
        remedies: ["copy the file that the link names, too: COPY libfoo.so* brings both", "let the link be relative, so that it holds in another root"],
        severity: loadSeverity(one),
        confidence: loadConfidence(one),
      });
    }
  },
});
