import { defineImageRule } from "../../../rule.ts";
import { firstFacts, firstPaths, list, quote, shownPlatforms } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { isWorldWritable } from "../modes.ts";
import { isShared, pathTable } from "../path-table.ts";

export const rule = defineImageRule({
  meta: { id: "world-writable-differs", summary: "everybody may write to files or folders on some platforms only", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      const rows = pathTable(cohort).filter((row) => {
        const nodes = row.nodes.filter((node) => node?.source !== undefined && (node.type === "file" || node.type === "directory"));
        return !row.ambiguous && nodes.length > 1 && !isShared(row) && new Set(nodes.map(isWorldWritable)).size > 1;
      });
      if (rows.length === 0) continue;
      const paths = rows.map(({ path }) => path);
      report({
        message: `on some platforms everybody may write to what is closed on others: ${list(paths.map(quote), 3)}`,
        at: firstPaths(paths),
        facts: firstFacts(
          rows,
          "path",
          ({ path, nodes }) => `${quote(path)} is open to everybody on ${shownPlatforms(cohort.filter((_, i) => isWorldWritable(nodes[i])))}`,
        ),
        cause:
          "a program that runs as any user can change the file there; the umask of the machine that built that platform, or the modes of its checkout, were others",
        remedies: ["set modes in the Dockerfile (COPY --chmod), and build all platforms again"],
      });
    }
  },
});
