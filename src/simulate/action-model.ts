import type { Place } from "../core/span.ts";
import type { Environment } from "./environment.ts";
import type { Operation } from "./operation.ts";
import type { Readers } from "./readers.ts";
import type { Switch, Text, Texts } from "./text.ts";

/** What an action does to the machine: one file an action in `actions/`. */
export interface ActionModel {
  /** `owner/repo[/path]` in lower case; several where forks do the same. */
  readonly uses: readonly string[];
  /** Pure: what the step asks for, in order, and what it hands on. */
  model(step: ActionStep, environment: Environment): ActionOutcome;
}

/** A step that uses an action, with its inputs filled in. */
export interface ActionStep {
  /** Of the `uses`. */
  readonly place: Place;
  /** As written: `v3`, a commit, a branch. */
  readonly ref: string;
  /** The major that the ref means: of `v3.1.0`, or of the version in the comment behind a pinned commit; undefined when unknown. */
  readonly major: number | undefined;
  /** Unique within the job: names what the step creates, where the name is made up at run time. */
  readonly id: string;
  readonly inputs: Inputs;
  /** The step's environment. */
  readonly variables: ReadonlyMap<string, Text>;
  /** The `github` context's values that actions look at, where known. */
  readonly github: GithubFacts;
  readonly readers: Readers;
}

export interface GithubFacts {
  readonly event: string | undefined;
  readonly ref: string | undefined;
  readonly refName: string | undefined;
  readonly refType: "branch" | "tag" | undefined;
  readonly defaultBranch: string | undefined;
  readonly repository: string | undefined;
  /** Whether the repository is private; undefined when unknown. */
  readonly isPrivate: boolean | undefined;
}

/** A step's `with`, by name without regard to case. */
export interface Inputs {
  /** Given in the file, also when empty. */
  given(name: string): boolean;
  /** The value, or the action's default for that major; undefined when neither is there, or it is empty. */
  text(name: string): Text | undefined;
  /** As `getBooleanInput` or the action itself reads it; `fallback` when absent. */
  switch(name: string, fallback: boolean): Switch;
  /** Lines and (unless told) commas, as the Docker actions read lists; CSV quoting respected (unless `quotes` is false); `#` comments dropped where `comment`. */
  list(name: string, how?: { readonly commas?: boolean; readonly comment?: boolean; readonly quotes?: boolean }): Texts;
  /** Names that are given, as written, with their places. */
  readonly names: readonly { readonly name: string; readonly place: Place }[];
}

export interface ActionOutcome {
  readonly operations: readonly Operation[];
  /** By name; what is not named is unknown. */
  readonly outputs: ReadonlyMap<string, Text>;
}
