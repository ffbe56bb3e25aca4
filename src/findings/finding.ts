import type { Place, SourceFile } from "../core/span.ts";
import type { YamlPatch } from "../yaml/patch.ts";

/** How bad it is when it is true. */
export type Severity = "error" | "warning" | "info";
/** How sure we are that it is true: an error that is `certain` must be true, for a false alarm costs more than a missed hint. */
export type Confidence = "certain" | "likely" | "possible";

/** One cause, told once, whatever the number of scenarios in which it shows. */
export interface Finding {
  /** Of a folder of `rules/`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** What will happen: one sentence, lower-case, no full stop, user text in double quotes. */
  readonly message: string;
  /** Where the mistake shows. */
  readonly place: Place;
  /** The chain of facts that leads there, in the order in which one follows from the other. */
  readonly facts: readonly Fact[];
  readonly when: When;
  /** What the log will say; undefined where nothing is printed (a silent mistake). */
  readonly log: Prediction | undefined;
  /** Why, in a sentence or two, for someone who does not know how builders work. */
  readonly cause: string;
  /** The best first. */
  readonly remedies: readonly Remedy[];
}

/** A fact, with where it is told; undefined for one that comes from our tables (what a runner has), whose source the sentence names. */
export interface Fact {
  readonly sentence: string;
  readonly place: Place | undefined;
}

/** Under which circumstances a finding holds. */
export interface When {
  /** True when it holds in every scenario in which the place is reached at all. */
  readonly always: boolean;
  /** Sentences of the scenarios in which it holds (`a push of a tag such as v1.2.3`), in the workflow's order. */
  readonly scenarios: readonly string[];
  /** Matrix rows in which it holds, where not in all: `linux/arm64, 3.12`. */
  readonly rows: readonly string[];
  /** What must be so of what the files do not tell (`secrets.DOCKERHUB_TOKEN` is set), as workflow expressions joined by `&&`; undefined when nothing. */
  readonly condition: string | undefined;
}

/** Log lines before they are printed. */
export interface Prediction {
  /** What prints them: `docker buildx build`, `docker/build-push-action`, `dockerd`. */
  readonly tool: string;
  /** Verbatim, without timestamps. */
  readonly lines: readonly string[];
}

/** A way out. */
export interface Remedy {
  /** An act: `set up a Buildx builder before this step`. */
  readonly title: string;
  /** What it costs or changes beside the mend: `each build starts a BuildKit container (about 5 s)`. */
  readonly price: string;
  /** Undefined: advice that only a person can follow. */
  readonly fix: Fix | undefined;
}

/** `safe`: the workflow does what it did, but for the mend. `unsafe`: it may do something else too. */
export type FixSafety = "safe" | "unsafe";

/** A remedy as edits of files. */
export interface Fix {
  /** What `fix --with` chooses by, where a finding has several: `buildx`, `containerd`; else undefined. */
  readonly with: "buildx" | "containerd" | undefined;
  readonly safety: FixSafety;
  readonly edits: readonly FileEdit[];
}

/** Symbolic for YAML (routes, no offsets); replaced stretches of the text for everything else. */
export type FileEdit =
  | { readonly kind: "yaml"; readonly file: SourceFile; readonly patches: readonly YamlPatch[] }
  | { readonly kind: "text"; readonly file: SourceFile; readonly replacements: readonly Replacement[] };

/** What stands in a text from `start` to before `end` becomes `text`. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
