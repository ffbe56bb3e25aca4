import type { RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

const ROOT = new Set(["", "root", "0", "0:0", "root:root", "0:root", "root:0"]);

export const rule = defineImageRule({
  meta: { id: "user-differs", summary: "containers run as another user on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "the user differs",
      keyOf: ({ User = "" }) => (ROOT.has(User) ? "" : User),
      shown: ({ User = "" }: RunConfig) => (User === "" ? "none (root)" : quote(User)),
      cause: "files that one user may write are not another's, and a container that is safe on one platform runs as root on another",
      remedies: ["set USER in the final stage, where every platform passes, and build all platforms again"],
    }),
});
