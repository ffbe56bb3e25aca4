import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ProblemError } from "../../../core/problem.ts";

const NAME = "sandbox-warden.mjs";
/** Beside our own code in the published package, in `dist` for a checkout. */
const PLACES = [NAME, `../../../../dist/${NAME}`].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The warden's code. @throws {ProblemError} `run-unsupported` where it is missing: then no world can be entered, whatever the machine allows */
export function wardenProgram(places: readonly string[] = PLACES): string {
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ProblemError("run-unsupported", {
    message: `RUN steps need the file "${NAME}", which is missing from this installation of multihull`,
    hint: "install multihull again; in a checkout, run `npm run build`",
  });
}
