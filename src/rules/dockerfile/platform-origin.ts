import type { Dockerfile, Stage } from "../../dockerfile/ast.ts";
import { baseStage } from "../../dockerfile/stages.ts";

/** The stage, it or one that it builds on, whose FROM decides the platform of a stage; undefined where no `--platform` does. */
export function platformOrigin(file: Dockerfile, stage: Stage): Stage | undefined {
  let origin = stage;
  for (;;) {
    const base = baseStage(file, origin, origin.from.image.text);
    if (base === undefined) return origin.from.platform === undefined ? undefined : origin;
    origin = base;
  }
}
