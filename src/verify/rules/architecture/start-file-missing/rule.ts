import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { quote } from "../../shown.ts";
import { chainFacts } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-file-missing",
    summary: "the file that java, python, node or the like is to run is not in the image",
    severity: "warning",
    confidence: "likely",
  },
  platform(image, _subject, report) {
    const told = new Set<string>();
    for (const start of startsOf(image)) {
      const { file } = start;
      if (file === undefined || file.exists || told.has(file.path)) continue;
      told.add(file.path);
      report({
        message: `${start.path ?? start.asked} is to run ${quote(file.asked)}, and ${file.path} is not in the image`,
        facts: [...chainFacts(start).filter((fact) => !fact.startsWith("layer ")), `its words are ${quote(start.words.join(" "))}`],
        cause: "The container starts the interpreter, which ends because it finds no file; unless a volume brings the file.",
        remedies: ["copy the file to the path that is named, in the final stage", "check WORKDIR: a relative path begins there"],
        confidence: file.certain && start.certain ? "certain" : "likely",
      });
    }
  },
});
