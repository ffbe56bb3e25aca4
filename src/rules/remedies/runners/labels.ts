import { hostedLabel } from "../../../facts/runners.ts";

/** Since when GitHub has runners with arm64 processors for everyone. */
const SINCE = "2025-01-16";

/** A label of GitHub's runners with its source. */
export interface RunnerLabel {
  readonly label: string;
  readonly source: string;
}

/** The arm64 runner beside an amd64 one of that image (`ubuntu-24.04`), where GitHub has it on that day; undefined otherwise. */
export function armLabel(image: string, asOf: string): RunnerLabel | undefined {
  const label = `${image}-arm`;
  const told = asOf < SINCE ? undefined : hostedLabel(label, asOf);
  return told && { label, source: told.source };
}

/** The amd64 runner beside an arm64 one of that image (`ubuntu-24.04-arm`). */
export function amdLabel(image: string, asOf: string): RunnerLabel | undefined {
  const label = image.replace(/-arm$/, "");
  const told = label === image ? undefined : hostedLabel(label, asOf);
  return told && { label, source: told.source };
}
