import { nearest } from "../core/nearest.ts";
import type { Complaints } from "./complaints.ts";
import type { Job } from "./model.ts";

/** Complains of `needs` that name no job, and of jobs that wait for each other. Ids are compared without case, as on GitHub. */
export function checkNeeds(jobs: readonly Job[], complaints: Complaints): void {
  const idOf = (text: string): string => text.toLowerCase();
  const known = new Set(jobs.map((job) => idOf(job.id.text)));
  const waiting = new Map<string, Set<string>>();
  const wantedBy = new Map<string, string[]>();
  for (const job of jobs) {
    for (const need of job.needs) {
      if (known.has(idOf(need.text))) {
        wantedBy.set(idOf(need.text), [...(wantedBy.get(idOf(need.text)) ?? []), idOf(job.id.text)]);
        continue;
      }
      const near = nearest(need.text, known);
      complaints.error(need.span, `job "${job.id.text}" needs the unknown job "${need.text}"`, near && `did you mean ${near}?`);
    }
    waiting.set(idOf(job.id.text), new Set(job.needs.map((need) => idOf(need.text)).filter((id) => known.has(id))));
  }
  const ready = [...waiting].filter(([, needs]) => needs.size === 0).map(([id]) => id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id);
    for (const other of wantedBy.get(id) ?? []) if (waiting.get(other)?.delete(id) && waiting.get(other)?.size === 0) ready.push(other);
  }
  for (const job of jobs) {
    const need = job.needs.find((need) => waiting.get(idOf(job.id.text))?.has(idOf(need.text)));
    if (need !== undefined) complaints.error(need.span, `job "${job.id.text}" waits for job "${need.text}" in a circle, so that neither can start`);
  }
}
