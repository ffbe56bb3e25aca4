import { createHash } from "node:crypto";
import type { Location, Log, LogicalLocation, Result } from "sarif";
import type { ImageFinding, ImagePlace } from "../../verify/finding.ts";
import type { VerifyReport } from "../../verify/report.ts";
import { messageText, SARIF_LEVELS, SARIF_SCHEMA, type SarifOptions, sarifTool, uriSegment } from "../sarif-tool.ts";
import { layerText, pathsText } from "./sentences.ts";

/** What is wrong with an image as SARIF 2.1.0. The image stands for the file; where in it, logical locations tell: `linux/arm64/usr/bin/app`. */
export function verifySarif(report: VerifyReport, options: SarifOptions): Log {
  const numbers = new Map(report.rules.map(({ id }, i) => [id, i]));
  const seen = new Map<string, number>();
  return {
    $schema: SARIF_SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: sarifTool(report.rules, options),
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.notes.map((text) => ({ level: "note" as const, message: { text: messageText(text) } })),
          },
        ],
        results: report.findings.map((finding) => resultOf(finding, report.name, numbers.get(finding.rule), seen)),
        properties: { image: report.name, digest: report.digest, platforms: report.platforms.map(({ name }) => name) },
      },
    ],
  };
}

function resultOf(finding: ImageFinding, image: string, ruleIndex: number | undefined, seen: Map<string, number>): Result {
  const { rule, severity, confidence, message, at, facts, clause, cause, remedies } = finding;
  const paths = pathsText(at);
  const text = [
    at.platform === undefined ? message : `${at.platform}: ${message}`,
    ...(at.layer === undefined ? [] : [`from: ${layerText(at.layer)}`]),
    ...(paths === undefined ? [] : [`at: ${paths}`]),
    ...(clause === undefined ? [] : [`breaks: ${clause.name} ${clause.url}`]),
    ...(cause === "" ? [] : [`cause: ${cause}`]),
    ...remedies.map((remedy, i) => `${i === 0 ? "help" : "or"}: ${remedy}`),
  ].join("\n");
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: SARIF_LEVELS[severity],
    message: { text: messageText(text) },
    locations: [locationOf(at, image)],
    partialFingerprints: { "multihull/v1": fingerprint(finding, seen) },
    properties: {
      confidence,
      because: [...facts],
      ...(at.platform === undefined ? {} : { platform: at.platform }),
      ...(at.layer === undefined ? {} : { layer: { ...at.layer } }),
      ...(clause === undefined ? {} : { clause: { ...clause } }),
    },
  };
}

/** Code scanning wants a file with a line. */
function locationOf(at: ImagePlace, image: string): Location {
  const logical = logicalOf(at);
  return {
    physicalLocation: { artifactLocation: { uri: image.split("/").map(uriSegment).join("/") }, region: { startLine: 1 } },
    ...(logical.length === 0 ? {} : { logicalLocations: [...logical] }),
  };
}

function logicalOf({ platform, document, paths = [] }: ImagePlace): readonly LogicalLocation[] {
  const within = (name: string): string => (platform === undefined ? name : `${platform}${name.startsWith("/") ? "" : "/"}${name}`);
  if (paths.length > 0) return paths.map((path) => ({ name: path, fullyQualifiedName: within(path), kind: "resource" }));
  if (document !== undefined && document !== "") return [{ name: document, fullyQualifiedName: within(document), kind: "resource" }];
  return platform === undefined ? [] : [{ name: platform, fullyQualifiedName: platform, kind: "module" }];
}

/** The same in the next build of the image: digests and sizes are not in it. */
function fingerprint({ rule, at }: ImageFinding, seen: Map<string, number>): string {
  const key = JSON.stringify([rule, at.platform, at.document, at.paths]);
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash("sha256").update(`${key}\n${count}`).digest("hex").slice(0, 32);
}
