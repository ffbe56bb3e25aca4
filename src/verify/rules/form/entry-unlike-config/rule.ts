import { formatPlatform, type Platform, platformOf } from "../../../../core/platform.ts";
import { clause } from "../../../../facts/clauses.ts";
import type { Fields } from "../../../../image/json.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "entry-unlike-config", summary: "the index says another platform than the image's config", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { entry, config } = image;
    if (entry?.platform === undefined || config.fields === undefined) return;
    const told = { at: configPlace(config), clause: clause("index") };
    const own = platformOf(wordsOf(config.fields));
    const { platform } = entry;
    if ((own.os !== "" && own.os !== platform.os) || (own.architecture !== "" && own.architecture !== platform.architecture)) {
      report({
        ...told,
        message: `the index says ${formatPlatform(platform)}, the config ${formatPlatform(own)}`,
        cause: "clients choose by the index and then start what the config describes: one of the two lies, and the programs fit only one of them",
        remedies: [
          "build the image for the platform: docker buildx build --platform, not a base pinned to another one",
          "name the right manifest when the index is put together: docker buildx imagetools create takes the platform from the config",
        ],
      });
      return;
    }
    const differing = differences(platform, own, config.fields);
    if (differing.length === 0) return;
    report({
      ...told,
      severity: "warning",
      message: `the index and the config differ in ${differing.map(({ field, said, got }) => `${field}: ${said === "" ? "none" : quoted(said)} and ${got === "" ? "none" : quoted(got)}`).join("; ")}`,
      cause: "clients choose by the index; some look at the config again before they start it, and then refuse",
      remedies: ["make both the same: docker buildx imagetools create takes them from the config"],
    });
  },
});

const wordsOf = (fields: Fields): Parameters<typeof platformOf>[0] => ({
  os: text(fields.os),
  architecture: text(fields.architecture),
  variant: text(fields.variant),
  "os.version": text(fields["os.version"]),
});

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Only of what both tell: that one says less is usual. */
function differences(entry: Platform, own: Platform, fields: Fields): { readonly field: string; readonly said: string; readonly got: string }[] {
  const found: { field: string; said: string; got: string }[] = [];
  if ((text(fields.variant) ?? "") !== "" && (own.variant ?? "") !== (entry.variant ?? ""))
    found.push({ field: "variant", said: entry.variant ?? "", got: own.variant ?? "" });
  const [version, ownVersion] = [entry["os.version"], own["os.version"]];
  if (version !== undefined && ownVersion !== undefined && version !== ownVersion) found.push({ field: "os.version", said: version, got: ownVersion });
  return found;
}
