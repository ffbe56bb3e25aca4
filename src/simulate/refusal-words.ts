import type { Fact } from "../findings/finding.ts";
import type { LostBuilder } from "./builder-of.ts";
import type { Feature, Refusal } from "./driver-checks.ts";
import type { Build } from "./operation.ts";
import { platformCount } from "./platform-count.ts";

const CANNOT: Partial<Record<Feature, string>> = {
  "cache-export": "export the build's cache",
  attestations: "attach the provenance or SBOM that is asked for",
  "oci-exporter": "write an OCI archive",
  "docker-exporter": "write an archive of the image",
  "push-by-digest": "push an image by its digest alone",
  "index-annotations": "annotate the index of an image",
};

/** Whom a message is about. */
interface About {
  /** The builder that is taken or looked for; undefined when unknown. */
  readonly name: string | undefined;
  /** Why no other builder takes the build. */
  readonly why: string;
}

/** What will go wrong: a message. */
export function refusalText({ feature, log }: Refusal, { platforms }: Build, { name, why }: About): string {
  const { least, most } = platformCount(platforms);
  const count = least === most ? String(least) : "several";
  if (feature === "several-platforms") return `the docker driver cannot build ${count} platforms at once, and ${why}`;
  const what = CANNOT[feature];
  if (what !== undefined) return `the docker driver cannot ${what}, and ${why}`;
  if (feature === "no-such-builder") return `there is no builder "${name ?? ""}"`;
  if (feature === "builder-of-other-context") return `builder "${name ?? ""}" is that of a Docker context which is not in use`;
  const where = log.lines.some((line) => line.includes("oci exporter"))
    ? "cannot be written as a Docker archive"
    : "cannot be loaded into Docker's classic image store";
  if (feature === "load-attestations") return `an image with attestations ${where}`;
  return TEXTS[feature] ?? `an image of ${count} platforms ${where}`;
}

const TEXTS: Partial<Record<Feature, string>> = {
  "push-without-tag": "the build pushes, and has no tag",
  "legacy-platforms": "Docker's classic builder builds one platform only",
  "legacy-flag": "Docker's classic builder does not know what the build asks for",
  "several-outputs": "the build has more outputs than its BuildKit can give",
  "exporter-several-nodes": "the platforms are built by several nodes, and cannot be written into one archive",
};

/** Why a builder that is there does not take the build: the second half. */
export const LOST_TEXT: Readonly<Record<LostBuilder["why"], string>> = {
  "context-changed": "the builder that was set up is lost since the Docker context changed",
  "docker-build": "`docker build` does not take the builder that was set up",
  "not-used": "the builder that was made is not chosen",
  "other-chosen": "the builder that was made is not the one that is chosen",
};

/** Why the build is left with it when it names it. */
export const namedText = (name: string): string => `the build names it: "${name}"`;

/** What would be refused next. */
export const thenRefused = ({ log, feature }: Refusal): Fact => ({
  sentence: `once that is mended and nothing else, the log would say "${log.lines[0] ?? feature}"`,
  place: undefined,
});

/** Of what comes after it, people read no more. */
export const MOST_NEXT = 2;
