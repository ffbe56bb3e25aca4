import type { RunConfig } from "../../../image/config.ts";
import type { ImageReporter } from "../../rule.ts";
import type { Subject } from "../../subject.ts";
import { cohortsOf } from "./cohorts.ts";
import { sharesOf, shownShares } from "./shares.ts";

/** A part of what containers run with, which has to be the same for every platform. */
export interface ConfigPart {
  /** As the message begins: `the user differs`. */
  readonly differs: string;
  /** The part in its plainest form: equal texts mean the same to a runtime. */
  readonly keyOf: (config: RunConfig) => string;
  /** As people read it; the first form that is met stands for all that mean the same. */
  readonly shown: (config: RunConfig) => string;
  readonly cause: string;
  readonly remedies: readonly string[];
}

/** Tells of one part in which platforms of one operating system differ. */
export function tellConfigPart(subject: Subject, report: ImageReporter, part: ConfigPart): void {
  for (const cohort of cohortsOf(subject)) {
    const read = cohort.filter(({ config }) => config.value !== undefined);
    const shares = sharesOf(read, ({ config }) => config.value?.config ?? {}, part.keyOf);
    if (shares.length < 2) continue;
    report({
      message: `${part.differs}: ${shownShares(shares, part.shown)}`,
      cause: part.cause,
      remedies: part.remedies,
    });
  }
}
