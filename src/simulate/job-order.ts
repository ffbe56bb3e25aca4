import type { Job, Workflow } from "../workflow/model.ts";

export const jobKey = (id: string): string => id.toLowerCase();

/** A workflow's jobs so that each comes behind those it needs; jobs that wait in a circle come last. */
export function inOrder({ jobs }: Workflow): readonly Job[] {
  const waiting = new Map<Job, number>();
  const wantedBy = new Map<string, Job[]>();
  const known = new Set(jobs.map((job) => jobKey(job.id.text)));
  for (const job of jobs) {
    const needs = new Set(job.needs.map((need) => jobKey(need.text)).filter((need) => known.has(need)));
    waiting.set(job, needs.size);
    for (const need of needs) wantedBy.set(need, [...(wantedBy.get(need) ?? []), job]);
  }
  const order: Job[] = jobs.filter((job) => waiting.get(job) === 0);
  for (let i = 0; i < order.length; i++) {
    for (const next of wantedBy.get(jobKey((order[i] as Job).id.text)) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  const placed = new Set(order);
  return [...order, ...jobs.filter((job) => !placed.has(job))];
}
