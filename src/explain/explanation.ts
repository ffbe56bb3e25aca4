import type { Confidence } from "../findings/finding.ts";

/** What a failed build's log means. */
export interface Explanation {
  /** `explained`: a known failure is told; `noticed`: nothing failed that we know of, but something known was warned of; `unknown`: neither. */
  readonly verdict: "explained" | "noticed" | "unknown";
  readonly log: LogFacts;
  /** In the order in which they happened: the first is the one to mend, later ones may follow from it. */
  readonly failures: readonly ExplainedFailure[];
  /** What the log warns of beside what failed. */
  readonly notices: readonly ExplainedFailure[];
  /** Of an unknown log: the first and the last lines that look like errors. */
  readonly errors: readonly LogLine[];
  /** Of an unknown log in which nothing looks like one: its last lines. */
  readonly tail: readonly LogLine[];
}

/** A line as people see it: without time, colours and prefixes; cut where it is long. */
export interface LogLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

/** What a log tells beside its errors. */
export interface LogFacts {
  readonly lines: number;
  readonly bytes: number;
  /** Printers whose forms were seen, in the order of their first line. */
  readonly forms: readonly LogForm[];
  /** `YYYY-MM-DD` of the first line with a time. */
  readonly day: string | undefined;
  readonly runnerImage: string | undefined;
  /** Of the daemon. */
  readonly dockerVersion: string | undefined;
  readonly buildxVersion: string | undefined;
  /** Of the builder that was used last: `docker`, `docker-container`. */
  readonly driver: string | undefined;
  readonly imageStore: "classic" | "containerd" | undefined;
}

/** What printed a log, or wrapped it. */
export type LogForm = "github" | "gh" | "gitlab" | "buildx" | "rawjson" | "legacy builder" | "buildah" | "goreleaser";

/** One failure, with every cause that the log leaves possible. */
export interface ExplainedFailure {
  /** The likeliest first. */
  readonly causes: readonly Cause[];
  readonly lines: readonly LogLine[];
  readonly where: Where;
}

/** A known failure that may be what happened. */
export interface Cause {
  /** Of the catalogue. */
  readonly id: string;
  readonly title: string;
  readonly kind: "fail" | "silent" | "slow" | "warn";
  /** `certain` only where the log leaves no other known cause. */
  readonly confidence: Confidence;
  /** What in the log speaks for it, beside the lines. */
  readonly because: readonly string[];
  /** How to tell it from the other causes; undefined where it is the only one. */
  readonly apart: string | undefined;
  readonly cause: string;
  readonly remedies: readonly string[];
  readonly sources: readonly string[];
}

/** Where it failed, as far as the log tells. */
export interface Where {
  readonly job: string | undefined;
  /** As GitHub heads it: `docker/build-push-action@v6`, or the first line of a script. */
  readonly step: StepInLog | undefined;
  readonly platform: string | undefined;
  /** Of the Dockerfile, by name or number. */
  readonly stage: string | undefined;
  /** Of Bake or Compose. */
  readonly target: string | undefined;
  /** The Dockerfile's instruction, or what the builder did. */
  readonly instruction: string | undefined;
  /** `Dockerfile:12`. */
  readonly source: { readonly file: string; readonly line: number } | undefined;
  readonly exitCode: number | undefined;
}

/** A step as its head in a GitHub log tells it. */
export interface StepInLog {
  /** 1-based line of its head. */
  readonly line: number;
  /** Behind `Run `. */
  readonly name: string;
  /** `owner/repository[/path]@ref`; undefined for a script. */
  readonly uses: string | undefined;
  /** Inputs, as they were given after expressions. */
  readonly with: Readonly<Record<string, string>>;
}
