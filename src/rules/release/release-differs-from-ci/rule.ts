import { shownText } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { differencesOf } from "../build-differences.ts";
import { type BuildSite, buildSites, isSameImage } from "../build-sites.ts";

export const rule = defineRule({
  meta: {
    id: "release-differs-from-ci",
    summary: "the build of a release is set up otherwise than the build of the same image that pull requests and branches try",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["release-differs-from-ci"],
  },
  study(study, report) {
    const sites = buildSites(study);
    const tried = sites.filter((site) => site.tried.length > 0);
    for (const release of sites) {
      if (release.tried.length > 0 || release.published.length === 0 || release.trial) continue;
      const compared = tried.filter((one) => isSameImage(release, one)).map((one) => ({ one, differences: differencesOf(release, one) }));
      // What one of several tries, is tried.
      const closest = compared.toSorted((a, b) => a.differences.length - b.differences.length)[0];
      if (closest === undefined || closest.differences.length === 0) continue;
      const { one, differences } = closest;
      const { build } = release.published[0] as BuildSite["published"][number];
      report({
        message: `what is released is not built as it is tried: see ${differences.map(({ what }) => what).join(", ")}`,
        place: build.place,
        key: build.name ?? "",
        severity: differences.some(({ grave }) => grave) ? "warning" : "info",
        facts: [
          { sentence: `${triedWhere(one)} builds the same image${tagOf(one)}`, place: one.place },
          ...differences.map(({ sentence, place }) => ({ sentence, place })),
        ],
        cause: "a build that runs only when something is released is tried for the first time then: what mends or breaks the other one does not show here",
        remedies: [
          advice("build both by one reusable workflow, with `push` as its input", "the two workflows are joined"),
          advice("run the release's build on pull requests too, without a push or to a registry on localhost", "pull requests take longer"),
        ],
        traces: release.published.map(({ trace }) => trace),
        among: release.published.map(({ trace }) => trace),
      });
    }
  },
});

const triedWhere = ({ tried, place }: BuildSite): string => `job "${tried[0]?.trace.job.id.text ?? ""}" of ${place.file.name}`;

function tagOf({ tried }: BuildSite): string {
  const tag = tried[0]?.build.tags.items[0];
  return tag === undefined ? "" : ` as "${shownText(tag)}"`;
}
