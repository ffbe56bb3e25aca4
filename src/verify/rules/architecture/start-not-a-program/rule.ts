import { defineImageRule } from "../../../rule.ts";
import { startsOf } from "../../../start/starts.ts";
import { chainFacts, confidenceOf, named, oncePerProgram, placeOf, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "start-not-a-program",
    summary: "what a container starts with is neither a program nor a script with a first line for its interpreter",
    severity: "error",
    confidence: "certain",
  },
  platform(image, _subject, report) {
    for (const start of oncePerProgram(startsOf(image))) {
      // Shells and most wrappers take such a file for a shell's script; runtimes do not. WebAssembly is for runtimes of another kind.
      if (start.what.kind !== "data" || start.by !== undefined || start.asked.endsWith(".wasm")) continue;
      const empty = start.node?.size === 0;
      report({
        message: `${named(start)}, but ${start.path ?? start.asked} is ${empty ? "an empty file" : 'neither a program nor a script that begins with "#!"'}`,
        at: placeOf(start),
        facts: chainFacts(start),
        cause: 'The container ends with "exec format error". Shells run such a script; runtimes leave it to Linux, which wants the line.',
        remedies: empty
          ? ["find out why the build made it empty: a build or a download that failed unseen"]
          : [
              'begin the script with "#!/bin/sh", with nothing before it: no empty line, no byte order mark',
              'name the interpreter before it: ENTRYPOINT ["/bin/sh", "/start.sh"]',
              "where a program should be: look at the file, which may be a page of errors that was downloaded, or a pointer of Git LFS (git lfs pull before the build)",
            ],
        severity: severityOf(start),
        confidence: confidenceOf(start),
      });
    }
  },
});
