import type { Place } from "../../core/span.ts";
import type { Step } from "../../shell/follow.ts";
import type { Piece, Value } from "../../shell/values.ts";
import type { ScriptStep } from "../script-step.ts";
import type { Text } from "../text.ts";
import type { ValueTexts } from "./value-text.ts";

/** One command as its reader sees it. */
export interface Scene {
  /** The command with what the shell knows when it runs. */
  readonly command: Step;
  /** Its name, without the folder; "" when it is unknown. */
  readonly name: string;
  /** Behind the name. */
  readonly arguments: readonly Value[];
  readonly place: Place;
  readonly texts: ValueTexts;
  /** Where it runs, as a folder of the workspace or an absolute path; undefined when unknown. */
  readonly directory: string | undefined;
  /** Variables of its environment that Docker's tools look at, as far as they are set. */
  readonly variables: ReadonlyMap<string, Text>;
  /** All of its environment of which something is known. */
  readonly environment: () => ReadonlyMap<string, Text>;
  /** What it reads from its standard input, where a here-document or the command before it in the pipe tells. */
  readonly input: readonly Piece[] | undefined;
  /** The `run:` step that all this is in. */
  readonly step: ScriptStep;
  /** What this step wrote before, by path: the text, or null where only the fact is known. */
  readonly written: ReadonlyMap<string, Text | null>;
}
