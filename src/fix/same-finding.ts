import type { Finding } from "../findings/finding.ts";

/** Tells findings apart whose places shift when the file is edited: not by offsets. */
const causeOf = ({ rule, place, message }: Finding): string => `${rule}\n${place.file.name}\n${message}`;

/** As {@link causeOf}, with the text that the finding points at. */
export function anchoredCauseOf(finding: Finding): string {
  const { file, span } = finding.place;
  return `${causeOf(finding)}\n${file.text.slice(span.start, span.end)}`;
}

/** Whether each of `findings` is there once less, whatever has happened to the text it points at. */
export function areGone(findings: readonly Finding[], before: readonly Finding[], after: readonly Finding[]): boolean {
  return [causeOf, anchoredCauseOf].every((key) => {
    const [gone, were, are] = [findings, before, after].map((list) => counted(list, key)) as [Counts, Counts, Counts];
    return [...gone].every(([cause, count]) => (are.get(cause) ?? 0) <= (were.get(cause) ?? 0) - count);
  });
}

/** Those that were not there before. */
export function newcomers(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  const left = new Map(counted(before, causeOf));
  return after.filter((finding) => {
    const known = left.get(causeOf(finding)) ?? 0;
    left.set(causeOf(finding), known - 1);
    return known <= 0;
  });
}

type Counts = ReadonlyMap<string, number>;

function counted(findings: readonly Finding[], key: (finding: Finding) => string): Counts {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(key(finding), (counts.get(key(finding)) ?? 0) + 1);
  return counts;
}
