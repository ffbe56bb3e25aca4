import type { LogFacts, LogForm } from "./explanation.ts";
import type { JobState } from "./job-state.ts";

/** Facts of the log as a whole, gathered line by line. */
export class LogNotes {
  readonly forms = new Set<LogForm>();
  day: string | undefined;
  runnerImage: string | undefined;
  dockerVersion: string | undefined;
  buildxVersion: string | undefined;
  driver: string | undefined;
  imageStore: "classic" | "containerd" | undefined;

  facts(lines: number, bytes: number): LogFacts {
    const { forms, day, runnerImage, dockerVersion, buildxVersion, driver, imageStore } = this;
    return { lines, bytes, forms: [...forms], day, runnerImage, dockerVersion, buildxVersion, driver, imageStore };
  }
}

type Note = readonly [pattern: RegExp, take: (notes: LogNotes, value: string, job: JobState) => void];

/** By the first character of a line, blanks aside, so that most lines are not looked at twice. */
const NOTES: Readonly<Record<string, readonly Note[]>> = {
  "#": [
    [
      /^#0 building with "[^"]{0,200}" instance using (\S{1,40}) driver/,
      (notes, value) => {
        notes.driver = value;
      },
    ],
  ],
  '"': [
    [
      /^"driver": "([\w-]{1,40})"/,
      (notes, value) => {
        notes.driver = value;
      },
    ],
  ],
  d: [
    [
      /^driver-type: (io\.containerd\.snapshotter\.v1)/,
      (notes) => {
        notes.imageStore = "containerd";
      },
    ],
  ],
  D: [
    [
      /^Driver:\s+([\w-]{1,40})$/,
      (notes, value) => {
        notes.driver = value;
      },
    ],
    [
      /^Download action repository '([^'@]{1,200})@/,
      (_, value, job) => {
        job.downloaded.add(value);
      },
    ],
  ],
  g: [
    [
      /^github\.com\/docker\/buildx (v?\d[\w.+-]{0,60})/,
      (notes, value) => {
        notes.buildxVersion = value;
      },
    ],
  ],
  C: [
    [
      /^(Current runner version: )/,
      (_notes, _value, job) => {
        job.isWhole = true;
      },
    ],
  ],
  I: [
    [
      /^Image: ([\w.-]{1,60})$/,
      (notes, value) => {
        notes.runnerImage = value;
      },
    ],
  ],
  "⨯": [
    [
      /^(⨯ (?:release|build) failed )/,
      (notes) => {
        notes.forms.add("goreleaser");
      },
    ],
  ],
  R: [
    [
      /^(Running with gitlab-runner )/,
      (notes) => {
        notes.forms.add("gitlab");
      },
    ],
  ],
  S: [
    [
      /^Server Version: (\d[\w.+~-]{0,60})/,
      (notes, value) => {
        notes.dockerVersion = value;
      },
    ],
    [
      /^Storage Driver: (\S{1,40})/,
      (notes, value) => {
        notes.imageStore = value === "overlayfs" ? "containerd" : "classic";
      },
    ],
  ],
};

/** Notes what a line tells of the machine and the tools. */
export function note(notes: LogNotes, text: string, job: JobState): void {
  let start = 0;
  while (text.charCodeAt(start) === 0x20) start++;
  const rows = NOTES[text.charAt(start)];
  if (rows === undefined) return;
  const trimmed = start === 0 ? text : text.slice(start);
  for (const [pattern, take] of rows) {
    const value = pattern.exec(trimmed)?.[1];
    if (value !== undefined) take(notes, value, job);
  }
}
