import { countText } from "../../../../core/quantity.ts";
import { defineImageRule, type ImageReporter } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstPaths, list, quote, shownPlatforms } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { grouped } from "../grouped.ts";
import { isLeftOut, isOfPackageStep, isProgramPath, lonelyFolders } from "../missing-paths.ts";
import { originFact } from "../origins.ts";
import { type FileNode, type PathRow, pathTable } from "../path-table.ts";

/** Findings of one kind in one cohort: each names the platforms that lack something. */
const FINDINGS_LIMIT = 4;

export const rule = defineImageRule({
  meta: { id: "files-missing-on-some", summary: "files are there on most platforms and missing on others", severity: "warning", confidence: "likely" },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      const rows = pathTable(cohort).filter((row) => isFileOnSome(row) && !isLeftOut(row));
      const lonely = lonelyFolders(rows, cohort);
      const programs = new Set(rows.filter((row) => isProgramPath(row, lonely)));
      tell([...programs], cohort, "program", report);
      // What only few platforms have is wanted there: data for one architecture. What a package's scripts make beside its files is no loss.
      tell(
        rows.filter((row) => !programs.has(row) && isOnMost(row) && !isOfPackageStep(row)),
        cohort,
        "file",
        report,
      );
    }
  },
});

const isFileOnSome = ({ nodes }: PathRow): boolean => nodes.includes(undefined) && nodes.some((node) => node !== undefined && node.type !== "directory");

/** On half of them or more: on one of two. */
const isOnMost = ({ nodes }: PathRow): boolean => nodes.filter((node) => node !== undefined).length * 2 >= nodes.length;

function tell(rows: readonly PathRow[], cohort: readonly PlatformImage[], what: "program" | "file", report: ImageReporter): void {
  const sets = grouped(rows, ({ nodes }) => nodes.map((node) => (node === undefined ? "-" : "+")).join(""));
  for (const missing of [...sets].sort((a, b) => b.length - a.length).slice(0, FINDINGS_LIMIT)) {
    const first = missing[0] as PathRow;
    const having = cohort.filter((_, i) => first.nodes[i] !== undefined);
    const without = cohort.filter((_, i) => first.nodes[i] === undefined);
    const one = cohort.indexOf(having[0] as PlatformImage);
    const nodes = missing.map((row) => row.nodes[one] as FileNode);
    const origin = originFact(nodes, (cohort[one] as PlatformImage).name);
    const paths = missing.map(({ path }) => path);
    report({
      severity: what === "program" && isOnMost(first) ? "warning" : "info",
      message: `${shownPlatforms(without)} ${without.length === 1 ? "lacks" : "lack"} ${countText(missing.length, what)} that ${shownPlatforms(having)} ${having.length === 1 ? "has" : "have"}: ${list(paths.map(quote), 3)}`,
      at: { ...(without.length === 1 ? { platform: (without[0] as PlatformImage).name } : {}), ...firstPaths(paths) },
      facts: origin === undefined ? [] : [origin],
      cause:
        "a step that fetches or compiles something has no such thing for every architecture, and did not fail where it had none; or platforms of two builds were put together",
      remedies: ["let the step fail where nothing is to be had for an architecture (set -e, curl --fail)", "build all platforms again in one build"],
    });
  }
}
