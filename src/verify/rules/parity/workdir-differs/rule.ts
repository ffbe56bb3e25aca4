import { withoutArchitecture } from "../../../../facts/architecture-words.ts";
import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

export const rule = defineImageRule({
  meta: { id: "workdir-differs", summary: "containers start in another folder on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "the working folder differs",
      keyOf: ({ WorkingDir = "" }) => withoutArchitecture(WorkingDir.replace(/\/+$/, "") || "/"),
      shown: ({ WorkingDir = "" }) => (WorkingDir === "" ? "none (/)" : quote(WorkingDir)),
      cause: "paths of the command that are not absolute lead elsewhere on each platform",
      remedies: ["set WORKDIR in the final stage, where every platform passes, and build all platforms again"],
    }),
});
