import { SEVERITIES } from "../findings/severity.ts";
import type { ImageFinding } from "./finding.ts";
import type { ImageRule, ImageTold } from "./rule.ts";
import type { PlatformImage, Subject } from "./subject.ts";

/**
 * Asks every rule about an image. Worst first; then what is of the image as a whole before what is of platforms, these in the image's order; then as rules come.
 * What a rule tells twice is told once; what it tells of several platforms is a finding for each. The same subject gives the same findings in the same order.
 */
export function checkImage(subject: Subject, rules: readonly ImageRule[]): readonly ImageFinding[] {
  const findings = new Map<string, ImageFinding>();
  for (const rule of rulesFor(subject, rules)) {
    const report = (told: ImageTold, image?: PlatformImage): void => {
      const finding = findingOf(rule, told, image);
      const key = JSON.stringify(finding);
      if (!findings.has(key)) findings.set(key, finding);
    };
    rule.image?.(subject, report);
    if (rule.platform === undefined) continue;
    for (const image of subject.images) rule.platform(image, subject, (told) => report(told, image));
  }
  const order = new Map(subject.images.map(({ name }, i) => [name, i]));
  const rank = ({ severity, at: { platform } }: ImageFinding): number =>
    SEVERITIES.indexOf(severity) * (order.size + 2) + (platform === undefined ? 0 : 1 + (order.get(platform) ?? order.size));
  return [...findings.values()].sort((a, b) => rank(a) - rank(b));
}

function findingOf({ meta }: ImageRule, told: ImageTold, image: PlatformImage | undefined): ImageFinding {
  return {
    rule: meta.id,
    severity: told.severity ?? meta.severity,
    confidence: told.confidence ?? meta.confidence,
    message: told.message,
    at: image === undefined ? (told.at ?? {}) : { platform: image.name, ...told.at },
    facts: told.facts ?? [],
    clause: told.clause,
    cause: told.cause,
    remedies: told.remedies ?? [],
  };
}

/** Those that have something to look at. */
export const rulesFor = (subject: Subject, rules: readonly ImageRule[]): readonly ImageRule[] =>
  rules.filter(({ meta: { needs } }) => needs === undefined || subject[needs] !== undefined);
