import type { BuildEvent, EventSink } from "../../engine/event.ts";
import { problemJson } from "../problem-text.ts";

/** One JSON object a line, as `docs/progress.md` describes them: the events themselves, bytes as base64, problems as data. */
export function jsonProgress(writeLine: (line: string) => void): EventSink {
  return { emit: (event) => writeLine(JSON.stringify(eventJson(event))) };
}

export function eventJson(event: BuildEvent): object {
  if (event.type === "vertex-output") return { ...event, bytes: Buffer.from(event.bytes).toString("base64") };
  if (event.type === "vertex-failed") return { ...event, problem: problemJson(event.problem) };
  return event;
}
