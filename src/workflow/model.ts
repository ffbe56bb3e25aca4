import type { SourceFile } from "../core/span.ts";
import type { Entry, Mapping, Node, Scalar } from "./tree.ts";
import type { Uses } from "./uses.ts";

/** A workflow as it stands in the file. Each part keeps its `node`, whose entries tell every key and value with its span. */
export interface Workflow {
  readonly file: SourceFile;
  readonly node: Mapping;
  readonly name: Scalar | undefined;
  /** In the file's order; each event once. */
  readonly triggers: readonly Trigger[];
  /** A mapping, or a scalar that is one expression. */
  readonly env: Node | undefined;
  readonly defaults: RunDefaults;
  readonly permissions: Node | undefined;
  readonly concurrency: Node | undefined;
  /** In the file's order, not in the order they run. */
  readonly jobs: readonly Job[];
}

/** One event of `on:` with its filters. */
export interface Trigger {
  readonly event: string;
  /** The event's name where it stands. */
  readonly key: Scalar;
  /** All that stands under it; undefined where only its name is given. */
  readonly node: Node | undefined;
  /** Patterns; absent means: no such filter. */
  readonly filters: { readonly [F in FilterKey]?: readonly Scalar[] };
  /** Activity types; undefined where none are named. */
  readonly types: readonly Scalar[] | undefined;
  /** Of `workflow_dispatch` and `workflow_call`. */
  readonly inputs: readonly Input[];
  /** Names of the secrets that `workflow_call` takes. */
  readonly secrets: readonly Entry[];
  /** `cron` lines of `schedule`. */
  readonly cron: readonly Scalar[];
}

export const FILTER_KEYS = ["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** An input of a workflow or an action. */
export interface Input {
  readonly name: Scalar;
  readonly node: Node;
  /** `string` where none is told. An action's inputs are always strings. */
  readonly type: "string" | "boolean" | "number" | "choice" | "environment";
  readonly required: boolean;
  readonly default: Scalar | undefined;
  /** Of a `choice`. */
  readonly options: readonly Scalar[];
  readonly deprecation: Scalar | undefined;
}

export interface Output {
  readonly name: Scalar;
  readonly value: Scalar | undefined;
}

export interface RunDefaults {
  readonly shell: Scalar | undefined;
  readonly workingDirectory: Scalar | undefined;
}

/** A condition as one expression. */
export interface Condition {
  readonly scalar: Scalar;
  /** Without `${{ }}`; `success() && (…)` is not added. */
  readonly expression: string;
  /** True where text stands around a `${{ }}`: GitHub then makes a text of it all, which is always true. */
  readonly isText: boolean;
}

export interface Job {
  readonly id: Scalar;
  readonly node: Mapping;
  readonly name: Scalar | undefined;
  readonly needs: readonly Scalar[];
  readonly if: Condition | undefined;
  readonly runsOn: RunsOn | undefined;
  readonly strategy: Strategy | undefined;
  readonly env: Node | undefined;
  readonly defaults: RunDefaults;
  readonly outputs: readonly Output[];
  readonly services: readonly { readonly id: Scalar; readonly container: Container }[];
  readonly container: Container | undefined;
  readonly permissions: Node | undefined;
  readonly concurrency: Node | undefined;
  readonly environment: Node | undefined;
  readonly timeoutMinutes: Scalar | undefined;
  readonly continueOnError: Scalar | undefined;
  readonly steps: readonly Step[];
  /** Of a job that calls a reusable workflow. */
  readonly uses: Uses | undefined;
  readonly with: readonly Entry[];
  /** A mapping, or the scalar `inherit`. */
  readonly secrets: Node | undefined;
}

export interface RunsOn {
  readonly node: Node;
  readonly labels: readonly Scalar[];
  readonly group: Scalar | undefined;
}

export interface Strategy {
  readonly node: Node;
  /** A mapping with its vectors, `include` and `exclude`, or a scalar that is one expression. */
  readonly matrix: Node | undefined;
  readonly failFast: Scalar | undefined;
  readonly maxParallel: Scalar | undefined;
}

export interface Container {
  readonly node: Node;
  readonly image: Scalar | undefined;
}

export interface Step {
  readonly node: Mapping;
  readonly id: Scalar | undefined;
  readonly name: Scalar | undefined;
  readonly if: Condition | undefined;
  readonly uses: Uses | undefined;
  readonly with: readonly Entry[];
  readonly run: Scalar | undefined;
  readonly shell: Scalar | undefined;
  readonly workingDirectory: Scalar | undefined;
  readonly env: Node | undefined;
  readonly continueOnError: Scalar | undefined;
  readonly timeoutMinutes: Scalar | undefined;
}

/** An `action.yml`. */
export interface Action {
  readonly file: SourceFile;
  readonly node: Mapping;
  readonly name: Scalar | undefined;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly runs: ActionRuns;
}

export type ActionRuns =
  | { readonly kind: "composite"; readonly node: Node; readonly steps: readonly Step[] }
  | { readonly kind: "docker"; readonly node: Node; readonly image: Scalar | undefined }
  /** `using` is the runtime, such as `node24`. */
  | { readonly kind: "node"; readonly node: Node; readonly using: Scalar; readonly main: Scalar | undefined }
  /** `runs` is absent, or uses what nobody knows: there are complaints. */
  | { readonly kind: "unknown"; readonly node: Node | undefined };
