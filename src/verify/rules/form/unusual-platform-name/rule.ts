import { parsePlatform, platformOf } from "../../../../core/platform.ts";
import { isProblem } from "../../../../core/problem.ts";
import { clause } from "../../../../facts/clauses.ts";
import { type Fields, isObject } from "../../../../image/json.ts";
import type { ImagePlace } from "../../../finding.ts";
import { defineImageRule, type ImageReporter } from "../../../rule.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "unusual-platform-name",
    summary: "an operating system or architecture has another name than the one that clients look for",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    const told = new Set<string>();
    for (const { where, fields, kind } of subject.documents) {
      const entries: readonly unknown[] = kind === "index" && Array.isArray(fields?.manifests) ? fields.manifests : [];
      for (const [i, entry] of entries.entries())
        if (isObject(entry) && isObject(entry.platform)) check(entry.platform, { document: `${where === "" ? "" : `${where} `}manifests[${i}]` }, report, told);
    }
    for (const { name, config } of subject.images)
      if (config.fields !== undefined) check(config.fields, { platform: name, document: config.where }, report, told);
  },
});

/** Systems that containers are made for and containerd's list does not have. */
const ALSO = ["wasi", "wasip1", "wasip2"];

function check({ os, architecture }: Fields, at: ImagePlace, report: ImageReporter, told: Set<string>): void {
  if (typeof os !== "string" || typeof architecture !== "string" || os === "" || architecture === "" || os === "unknown" || architecture === "unknown") return;
  if (ALSO.includes(os)) return;
  const usual = platformOf({ os, architecture });
  const odd =
    usual.os !== os
      ? { field: "os", word: os, usual: usual.os }
      : usual.architecture !== architecture
        ? { field: "architecture", word: architecture, usual: usual.architecture }
        : undefined;
  const known = isKnown(usual.os, usual.architecture);
  // The config of an entry that was told of says the same.
  if ((odd === undefined && known) || told.has(`${os}/${architecture}`)) return;
  told.add(`${os}/${architecture}`);
  report({
    message:
      odd !== undefined && known
        ? `the ${odd.field === "os" ? "operating system" : odd.field} is called ${quoted(odd.word)}, the usual name is "${odd.usual}"`
        : `${quoted(`${os}/${architecture}`)} is no platform that clients know`,
    at,
    clause: clause("index"),
    cause:
      odd !== undefined && known
        ? "containerd and Docker understand both names; clients that compare them letter by letter find no image for the platform"
        : "no machine calls itself so, and no client chooses it",
    remedies: [odd !== undefined && known ? `write "${odd.usual}"` : "write the platform as Go does: linux/amd64, linux/arm64, linux/arm/v7"],
  });
}

function isKnown(os: string, architecture: string): boolean {
  try {
    parsePlatform(`${os}/${architecture}`);
    return true;
  } catch (error) {
    if (isProblem(error)) return false;
    throw error;
  }
}
