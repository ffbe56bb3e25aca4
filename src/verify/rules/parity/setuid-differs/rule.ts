import { defineImageRule } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstFacts, firstPaths, list, quote } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { type FileNode, isShared, type PathRow, pathTable } from "../path-table.ts";
import { sharesOf, shownShares } from "../shares.ts";

const SETUID = 0o4000;
const SETGID = 0o2000;
const CAPABILITY = "security.capability";

export const rule = defineImageRule({
  meta: { id: "setuid-differs", summary: "a program has its special rights on some platforms only", severity: "warning", confidence: "certain" },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      const rows = pathTable(cohort).filter((row) => !row.ambiguous && differs(row));
      if (rows.length === 0) continue;
      const paths = rows.map(({ path }) => path);
      report({
        message: `rights of programs differ between platforms: ${list(paths.map(quote), 3)}`,
        at: firstPaths(paths),
        facts: firstFacts(rows, "path", (row) => told(row, cohort)),
        cause:
          "setuid, setgid and capabilities are lost when files are copied by another user, through an archive without extended attributes, or by an emulated step: a program such as ping or sudo then fails on that platform, or is mightier than it should be",
        remedies: ["set the rights in a RUN of the final stage (chmod u+s, setcap), or copy with COPY --from, which keeps them"],
      });
    }
  },
});

function differs(row: PathRow): boolean {
  const files = row.nodes.filter((node) => node?.type === "file");
  return files.length > 1 && !isShared(row) && new Set(files.map(rightsOf)).size > 1;
}

/** `setuid`, `setgid`, `capabilities`; empty for none. */
function rightsOf(node: FileNode | undefined): string {
  if (node?.type !== "file") return "";
  const rights = [
    (node.mode & SETUID) !== 0 && "setuid",
    // Without the group's x it is no right: mandatory locking.
    (node.mode & SETGID) !== 0 && (node.mode & 0o010) !== 0 && "setgid",
    (node.xattrs?.has(CAPABILITY) ?? false) && "capabilities",
  ];
  return rights.filter((right) => right !== false).join(" and ");
}

function told({ path, nodes }: PathRow, cohort: readonly PlatformImage[]): string {
  const having = cohort.filter((_, i) => nodes[i]?.type === "file");
  const shares = sharesOf(
    having,
    (image) => rightsOf(nodes[cohort.indexOf(image)]),
    (value) => value,
  );
  return `${quote(path)} has ${shownShares(shares, (value) => value || "none")}`;
}
