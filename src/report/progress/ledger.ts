import { assertNever } from "../../core/never.ts";
import { bytesText, countText } from "../../core/quantity.ts";
import type { BuildEvent } from "../../engine/event.ts";

export type WorkState = "running" | "cached" | "done" | "failed";

/** A vertex, or a step outside the graph, as it stands. */
export interface Work {
  readonly id: string;
  readonly name: string;
  readonly platforms: readonly string[];
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly state: WorkState;
}

/** Keeps account of a build's events: what every view needs to know and none should count for itself. */
export class Ledger {
  readonly #work = new Map<string, Work>();
  readonly #planned = new Map<string, readonly string[]>();
  readonly #moved = { pull: new Map<string, number>(), push: new Map<string, number>(), pack: new Map<string, number>() };
  readonly #saved = { exists: 0, mounted: 0 };

  record(event: BuildEvent): void {
    switch (event.type) {
      case "planned":
        for (const vertex of event.vertices) this.#planned.set(vertex.id, vertex.platforms);
        return;
      case "vertex-started":
        this.#begin(event.vertex, event.name, event.platforms, event.atMs);
        return;
      case "vertex-cached":
        if (!this.#work.has(event.vertex)) this.#begin(event.vertex, event.name, event.platforms, event.atMs);
        this.#finish(event.vertex, "cached", event.atMs);
        return;
      case "vertex-done":
        this.#finish(event.vertex, "done", event.atMs);
        return;
      case "vertex-failed":
        this.#finish(event.vertex, "failed", event.atMs);
        return;
      case "step-started":
        this.#begin(event.step, event.name, [], event.atMs);
        return;
      case "step-done":
        this.#finish(event.step, "done", event.atMs);
        return;
      case "transfer":
        this.#moved[event.direction].set(event.blob, event.doneBytes);
        return;
      case "transfer-saved":
        this.#saved[event.how] += event.bytes;
        return;
      case "engine-chosen":
      case "vertex-output":
      case "warning":
        return;
      default:
        assertNever(event);
    }
  }

  #begin(id: string, name: string, platforms: readonly string[], atMs: number): void {
    if (this.#work.get(id)?.state !== "running") this.#work.set(id, { id, name, platforms, startedMs: atMs, state: "running" });
  }

  #finish(id: string, state: WorkState, atMs: number): void {
    const work = this.#work.get(id);
    if (work !== undefined) this.#work.set(id, { ...work, state, endedMs: atMs });
  }

  startedAt(id: string): number | undefined {
    return this.#work.get(id)?.startedMs;
  }

  /** In the order in which they began. */
  work(): readonly Work[] {
    return [...this.#work.values()];
  }

  /** Bytes that went over the network or through compression so far. */
  moved(direction: "pull" | "push" | "pack"): number {
    let sum = 0;
    for (const bytes of this.#moved[direction].values()) sum += bytes;
    return sum;
  }

  /**
   * For each platform, in the order planned or met: vertices that are finished, of how many, and how many of them were cached.
   * Of a builder that tells no plan, only those that were begun are known.
   */
  platforms(): readonly { readonly platform: string; readonly finished: number; readonly cached: number; readonly total: number }[] {
    const rows = new Map<string, { finished: number; cached: number; total: number }>();
    const unplanned = [...this.#work.values()].filter(({ id }) => !this.#planned.has(id)).map(({ id, platforms }) => [id, platforms] as const);
    for (const [id, platforms] of [...this.#planned, ...unplanned]) {
      const state = this.#work.get(id)?.state;
      for (const platform of platforms) {
        const row = rows.get(platform) ?? { finished: 0, cached: 0, total: 0 };
        row.total++;
        if (state === "done" || state === "cached") row.finished++;
        if (state === "cached") row.cached++;
        rows.set(platform, row);
      }
    }
    return [...rows].map(([platform, row]) => ({ platform, ...row }));
  }

  /** `pulled 1.2 MB, pushed 3.0 MB, 12.0 MB were there already`; empty when nothing moved. */
  traffic(): string {
    const parts: string[] = [];
    if (this.moved("pull") > 0) parts.push(`pulled ${bytesText(this.moved("pull"))}`);
    if (this.moved("push") > 0) parts.push(`pushed ${bytesText(this.moved("push"))}`);
    if (this.#saved.exists > 0) parts.push(`${bytesText(this.#saved.exists)} were there already`);
    if (this.#saved.mounted > 0) parts.push(`${bytesText(this.#saved.mounted)} mounted`);
    return parts.join(", ");
  }

  /** One line a platform, and one for the traffic. */
  summary(): readonly string[] {
    const lines = this.platforms().map(({ platform, finished, cached, total }) => {
      const missing = total - finished;
      return `${platform}: ${countText(finished, "step")}${cached > 0 ? `, ${cached} cached` : ""}${missing > 0 ? `, ${missing} not done` : ""}`;
    });
    const traffic = this.traffic();
    return traffic === "" ? lines : [...lines, traffic];
  }
}
