import { misfitOf } from "../../../binary/fit.ts";
import { defineImageRule } from "../../../rule.ts";
import { isOfOtherArchitecture, platformName } from "../../../start/foreign.ts";
import { startsOf } from "../../../start/starts.ts";
import { chainFacts, confidenceOf, oncePerProgram, placeOf, programText, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-for-newer-machine",
    summary: "the program that a container starts with needs more of a machine than the platform promises",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      const misfit = start.what.kind === "binary" ? misfitOf(start.what.binary, image.platform) : undefined;
      if (misfit === undefined || isOfOtherArchitecture(misfit) || misfit.runs === "all machines") continue;
      report({
        message: `${programText(start)} needs ${misfit.got}, and ${platformName(image)} promises ${misfit.wanted} only`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause:
          'Machines that are just what the platform says end it with "illegal instruction", or refuse to start it; newer ones run it, so that nobody notices.',
        remedies: [
          "compile it for the platform's own level: GOARM=6, GOAMD64=v1, -march= of the platform, the base image of that variant",
          `publish it as the platform that it needs, and not as ${platformName(image)}`,
        ],
        // Whoever asks for an ARM variant has such machines; a level of x86-64 is what nearly all have.
        severity: misfit.runs === "never" || misfit.what === "arm-version" ? severityOf(start) : "warning",
        // A library that is linked in may have code for newer machines which it takes only there.
        confidence: misfit.what === "arm-version" || misfit.what === "x86-level" ? "likely" : confidenceOf(start),
      });
    }
  },
});
