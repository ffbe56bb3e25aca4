import type pc from "picocolors";
import { durationText } from "../../core/quantity.ts";
import type { BuildEvent, EventSink } from "../../engine/event.ts";
import { clean } from "../clean.ts";
import { cut, padTo } from "../columns.ts";
import { engineText } from "./engine-text.ts";
import { Ledger, type Work } from "./ledger.ts";
import { programOutput } from "./program-output.ts";

export type Colors = ReturnType<typeof pc.createColors>;

/** The terminal, as the live view needs it. */
export interface Terminal {
  write(text: string): void;
  /** Present size; asked anew at each drawing, because windows are resized. */
  size(): { readonly columns: number; readonly rows: number };
}

const FRAME_MS = 80;
/** Lines of its output that are shown below a program that runs, and below one that failed. */
const RUNNING_LINES = 4;
const FAILED_LINES = 20;
const MIN_COLUMNS = 20;
// A terminal without a size says 0.
const USUAL = { columns: 80, rows: 24 };

/**
 * Live view: a head line (steps by platform, bytes moved) and which engine builds, then a line for each thing that runs or has ended; when it is
 * higher than the window, the oldest ended lines go. Drawn at most every {@link FRAME_MS} and once more at the end.
 * @param nowMs  the clock that event times come from
 */
export function ttyProgress(terminal: Terminal, colors: Colors, nowMs: () => number): EventSink & { end(): void } {
  const ledger = new Ledger();
  const output = programOutput();
  /** The last lines of each program, and what it has not ended yet. */
  const printed = new Map<string, string[]>();
  const warnings: string[] = [];
  let engine: string | undefined;
  const startedMs = nowMs();
  let drawnLines = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const draw = (lines: readonly string[]): void => {
    const back = drawnLines === 0 ? "" : `\u001b[${drawnLines}A\r\u001b[J`;
    terminal.write(`${back}${lines.join("\n")}\n`);
    drawnLines = lines.length;
    drawnMs = nowMs();
  };
  const frame = (height: number): string[] => {
    const columns = terminal.size().columns || USUAL.columns;
    const works = ledger.work();
    const running = works.filter((w) => w.state === "running");
    const ended = works.filter((w) => w.state !== "running");
    const linesBelow = (work: Work): readonly string[] => {
      const lines = printed.get(work.id) ?? [];
      if (work.state === "failed") return lines;
      return work.state === "running" ? lines.slice(-RUNNING_LINES) : [];
    };
    const head = [headLine(ledger, nowMs() - startedMs, colors, columns), ...(engine === undefined ? [] : [colors.dim(cut(engine, columns - 1))])];
    const room = Math.max(0, height - 1 - head.length - running.length - works.reduce((sum, work) => sum + linesBelow(work).length, 0));
    const shown = new Set([...running, ...ended.slice(Math.max(0, ended.length - room))]);
    return [
      ...head,
      ...works
        .filter((w) => shown.has(w))
        .flatMap((w) => [workLine(w, nowMs(), colors, columns), ...linesBelow(w).map((line) => colors.dim(cut(` =>   ${line}`, columns - 1)))]),
    ];
  };
  const print = (id: string, lines: readonly string[]): void => {
    if (lines.length > 0) printed.set(id, [...(printed.get(id) ?? []), ...lines.map(clean)].slice(-FAILED_LINES));
  };
  const tick = (): void => draw(frame(terminal.size().rows || USUAL.rows));

  return {
    emit(event: BuildEvent): void {
      ledger.record(event);
      if (event.type === "engine-chosen") engine = engineText(event);
      if (event.type === "warning") warnings.push(event.message);
      if (event.type === "vertex-output") print(event.vertex, output.add(event.vertex, event.stream, event.bytes));
      if (event.type === "vertex-failed") print(event.vertex, output.rest(event.vertex));
      if (event.type === "vertex-done") printed.delete(event.vertex);
      timer ??= setInterval(tick, FRAME_MS).unref();
      if (nowMs() - drawnMs >= FRAME_MS) tick();
    },
    end(): void {
      clearInterval(timer);
      const columns = terminal.size().columns || USUAL.columns;
      draw([
        ...frame(Number.POSITIVE_INFINITY),
        ...warnings.map((w) => colors.yellow(cut(`warning: ${w}`, columns))),
        ...ledger.summary().map((line) => colors.dim(cut(line, columns))),
      ]);
    },
  };
}

function headLine(ledger: Ledger, elapsedMs: number, colors: Colors, columns: number): string {
  const platforms = ledger.platforms().map(({ platform, finished, total }) => `${platform} ${finished}/${total}`);
  const parts = [durationText(elapsedMs), ...platforms, ledger.traffic()].filter((part) => part !== "");
  return colors.bold(cut(`multihull  ${parts.join("  ")}`, columns - 1));
}

function workLine(work: Work, nowMs: number, colors: Colors, columns: number): string {
  const marks = { running: "=>", cached: "=> CACHED", done: "=>", failed: "=> ERROR" } as const;
  const time = work.state === "cached" ? "" : durationText((work.endedMs ?? nowMs) - work.startedMs);
  const width = Math.max(MIN_COLUMNS, columns) - 1;
  const name = cut(` ${marks[work.state]} ${work.name}`, width - time.length - 1);
  const line = `${padTo(name, width - time.length)}${time}`.trimEnd();
  switch (work.state) {
    case "failed":
      return colors.red(line);
    case "running":
      return line;
    case "cached":
    case "done":
      return colors.cyan(line);
  }
}
