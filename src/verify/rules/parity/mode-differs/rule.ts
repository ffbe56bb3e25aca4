import { countText } from "../../../../core/quantity.ts";
import { defineImageRule, type ImageReporter } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstFacts, firstPaths, list, quote } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { isWorldWritable, shownMode } from "../modes.ts";
import { type FileNode, isShared, type PathRow, pathTable } from "../path-table.ts";
import { sharesOf, shownShares } from "../shares.ts";

/** Rights that rules of their own tell of. */
const SPECIAL = 0o6000;

export const rule = defineImageRule({
  meta: { id: "mode-differs", summary: "files or folders have another mode or owner on some platforms", severity: "info", confidence: "certain" },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      const rows = pathTable(cohort).filter((row) => !row.ambiguous && isAlike(row) && !isShared(row));
      tell(rows, cohort, "mode", modeOf, report);
      tell(rows, cohort, "owner", ({ uid, gid }) => `${uid}:${gid}`, report);
    }
  },
});

/** Of one type wherever it is told of. */
function isAlike({ nodes }: PathRow): boolean {
  const types = new Set(nodes.flatMap((node) => (node?.source === undefined ? [] : [node.type])));
  return types.size === 1 && !types.has("symlink");
}

const modeOf = (node: FileNode): string => shownMode(node.mode & ~(node.type === "file" ? SPECIAL : 0));

function tell(
  rows: readonly PathRow[],
  cohort: readonly PlatformImage[],
  what: "mode" | "owner",
  read: (node: FileNode) => string,
  report: ImageReporter,
): void {
  const differing = rows.filter(({ nodes }) => {
    const told = nodes.filter((node) => node?.source !== undefined) as FileNode[];
    const open = new Set(told.map(isWorldWritable)).size > 1;
    return new Set(told.map(read)).size > 1 && !(what === "mode" && open);
  });
  if (differing.length === 0) return;
  const paths = differing.map(({ path }) => path);
  report({
    message: `${countText(paths.length, "path")} ${paths.length === 1 ? "has" : "have"} another ${what} on some platforms: ${list(paths.map(quote), 3)}`,
    at: firstPaths(paths),
    facts: firstFacts(differing, "path", ({ path, nodes }) => {
      const having = cohort.filter((_, i) => nodes[i]?.source !== undefined);
      const shares = sharesOf(
        having,
        (image) => read(nodes[cohort.indexOf(image)] as FileNode),
        (value) => value,
      );
      return `${quote(path)} has ${shownShares(shares, (value) => value)}`;
    }),
    cause:
      what === "mode"
        ? "modes of copied files are those of the checkout, and umasks differ from machine to machine: platforms that were built on several machines get several"
        : "numbers of users are given in the order in which they are made: what a package's script makes may come in another order on another platform",
    remedies:
      what === "mode" ? ["set modes in the Dockerfile (COPY --chmod)"] : ["give users fixed numbers (useradd --uid), and copy with COPY --chown=NUMBER:NUMBER"],
  });
}
