import table from "../../data/runners.json" with { type: "json" };
import { rowAt } from "./dated.ts";

/** An image of GitHub's hosted runners at a date. */
export interface HostedImage {
  readonly name: string;
  readonly os: "linux" | "windows" | "macos";
  readonly architecture: string;
  /** Whether a Docker daemon runs there. */
  readonly engine: boolean;
  /** Versions; undefined: not there, or not known (before 2020 nobody wrote them down). */
  readonly docker: string | undefined;
  readonly buildx: string | undefined;
  readonly podman: string | undefined;
  readonly buildah: string | undefined;
  /** True while a roll-out makes it a matter of luck which Docker a job meets. */
  readonly mixed: boolean;
  /** Since when GitHub serves it no longer, where that is past or announced. */
  readonly until: string | undefined;
  /** Address of what tells it. */
  readonly source: string;
}

interface Row {
  readonly from: string;
  readonly docker?: string;
  readonly buildx?: string;
  readonly podman?: string;
  readonly buildah?: string;
  readonly store?: string;
  readonly note?: string;
  readonly source?: string;
}

interface Image {
  readonly os: string;
  readonly architecture: string;
  readonly engine: boolean;
  readonly from: string;
  readonly until?: string;
  readonly untilSource?: string;
  readonly rows: readonly Row[];
}

interface LabelSpan {
  readonly from: string;
  readonly images: readonly string[];
  readonly source?: string;
}

const IMAGES: Readonly<Record<string, Image>> = table.images;
const LABELS: Readonly<Record<string, readonly LabelSpan[]>> = table.labels;

/** When the table was written. */
export const RUNNERS_READ_AT: string = table.readAt;

export interface HostedLabel {
  /** Several while the label moves from one to the next. */
  readonly images: readonly HostedImage[];
  readonly source: string;
}

/** Which image a label of GitHub's hosted runners stands for; undefined for any other label. A date before the first row takes the first. */
export function hostedLabel(label: string, asOf: string): HostedLabel | undefined {
  const name = label.toLowerCase();
  const spans = Object.hasOwn(LABELS, name) ? LABELS[name] : undefined;
  const span = spans && (rowAt(spans, asOf) ?? spans[0]);
  if (span === undefined) return undefined;
  return { images: span.images.map((image) => hostedImage(image, asOf)), source: span.source ?? table.source };
}

function hostedImage(name: string, asOf: string): HostedImage {
  const image = IMAGES[name] as Image;
  const row = rowAt(image.rows, asOf) ?? image.rows[0];
  return {
    name,
    os: image.os as HostedImage["os"],
    architecture: image.architecture,
    engine: image.engine,
    docker: row?.docker,
    buildx: row?.buildx,
    podman: row?.podman,
    buildah: row?.buildah,
    mixed: row?.store === "unknown",
    until: image.until,
    source: row?.source ?? table.source,
  };
}

/** Every label of the table: what a wrong word is compared with. */
export const hostedLabels = (): readonly string[] => Object.keys(LABELS);
