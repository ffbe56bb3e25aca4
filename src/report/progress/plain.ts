import { assertNever } from "../../core/never.ts";
import { durationText } from "../../core/quantity.ts";
import type { BuildEvent, EventSink } from "../../engine/event.ts";
import { cleanLines } from "../clean.ts";
import { failureLine } from "../problem-text.ts";
import { engineText } from "./engine-text.ts";
import { Ledger } from "./ledger.ts";
import { programOutput } from "./program-output.ts";

/**
 * Progress for logs: one line for each thing that begins or ends, none that is taken back, no escape codes.
 * A vertex is `#1`, `#2` … in the order in which it began.
 */
export function plainProgress(writeLine: (line: string) => void): EventSink & { end(): void } {
  const ledger = new Ledger();
  const numbers = new Map<string, number>();
  const number = (id: string): string => {
    let n = numbers.get(id);
    if (n === undefined) {
      n = numbers.size + 1;
      numbers.set(id, n);
    }
    return `#${n}`;
  };
  const output = programOutput();
  const rest = (id: string): string[] => output.rest(id).map((line) => `${number(id)} ${line}`);

  const linesOf = (event: BuildEvent): string[] => {
    const since = (id: string): string => durationText(event.atMs - (ledger.startedAt(id) ?? event.atMs));
    switch (event.type) {
      case "engine-chosen":
        return [engineText(event)];
      case "planned":
      case "transfer":
      case "transfer-saved":
        return [];
      case "vertex-started":
        return [`${number(event.vertex)} ${event.name}`];
      case "vertex-cached":
        return [...(numbers.has(event.vertex) ? [] : [`${number(event.vertex)} ${event.name}`]), `${number(event.vertex)} CACHED`];
      case "vertex-done":
        return [...rest(event.vertex), `${number(event.vertex)} DONE ${since(event.vertex)}`];
      case "vertex-failed":
        return [...rest(event.vertex), `${number(event.vertex)} ERROR: ${failureLine(event.problem)}`];
      case "vertex-output":
        return output.add(event.vertex, event.stream, event.bytes).map((line) => `${number(event.vertex)} ${line}`);
      case "step-started":
        return [`${number(event.step)} ${event.name}`];
      case "step-done":
        return [`${number(event.step)} DONE ${since(event.step)}`];
      case "warning":
        return [`WARNING: ${event.message}`];
      default:
        return assertNever(event);
    }
  };

  return {
    emit(event: BuildEvent): void {
      const lines = linesOf(event);
      ledger.record(event);
      for (const line of lines) writeLine(event.type === "vertex-output" ? line : cleanLines(line));
    },
    end(): void {
      for (const line of ledger.summary()) writeLine(line);
    },
  };
}
