import type { SourceFile } from "../core/span.ts";
import type { Scalar } from "../workflow/tree.ts";
import type { Environment } from "./environment.ts";
import type { Operation } from "./operation.ts";
import type { Readers } from "./readers.ts";
import type { Text } from "./text.ts";

/** A `run:` step, for `script/`. */
export interface ScriptStep {
  readonly run: Scalar;
  readonly file: SourceFile;
  /** The `shell:` that counts (step, job, workflow), filled in; undefined when none is given. */
  readonly shell: string | undefined;
  /** `working-directory` relative to the workspace; "" for the workspace itself; undefined when unknown. */
  readonly directory: string | undefined;
  /** All that the step's environment is known to hold (job's, step's own). Other variables: unknown. */
  readonly variables: ReadonlyMap<string, Text>;
  /** Fills in one `${{ source }}`. */
  expression(source: string): Text;
  /** Unique within the job, as `ActionStep.id`. */
  readonly id: string;
  readonly environment: Environment;
  readonly readers: Readers;
}

export interface ScriptOutcome {
  /** In order. `sure` is false under a condition of the script that is not known. */
  readonly operations: readonly { readonly operation: Operation; readonly sure: boolean }[];
  /** What is written to `$GITHUB_OUTPUT`, by name; what is not named is unset, unless `outputsOpen`. */
  readonly outputs: ReadonlyMap<string, Text>;
  readonly outputsOpen: boolean;
}
