import type { ExportPorts } from "./ports.ts";

/** Tells of a step's beginning and, when it succeeds, of its end. */
export async function step<T>(ports: Pick<ExportPorts, "events" | "clock">, id: string, name: string, work: () => Promise<T>): Promise<T> {
  ports.events.emit({ type: "step-started", step: id, name, atMs: ports.clock.nowMs() });
  const result = await work();
  ports.events.emit({ type: "step-done", step: id, atMs: ports.clock.nowMs() });
  return result;
}
