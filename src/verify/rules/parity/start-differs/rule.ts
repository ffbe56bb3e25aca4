import { withoutArchitecture } from "../../../../facts/architecture-words.ts";
import type { RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { shortened } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

const words = (list: readonly string[] | null | undefined): string => JSON.stringify(list ?? []);

/** As Dockerfiles write it: words in brackets. */
function shown({ Entrypoint, Cmd }: RunConfig): string {
  const parts = [
    ["ENTRYPOINT", Entrypoint ?? []],
    ["CMD", Cmd ?? []],
  ] as const;
  const told = parts.filter(([, list]) => list.length > 0).map(([name, list]) => `${name} ${shortened(JSON.stringify(list))}`);
  return told.length === 0 ? "nothing" : told.join(" with ");
}

export const rule = defineImageRule({
  meta: { id: "start-differs", summary: "ENTRYPOINT or CMD is another one on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "what a container starts differs",
      // A path that names the architecture (/opt/app-amd64/run) is the same program.
      keyOf: ({ Entrypoint, Cmd }) => withoutArchitecture(`${words(Entrypoint)} ${words(Cmd)}`),
      shown,
      cause:
        "the same docker run does one thing on one platform and another elsewhere: an image of an older build is among them, or a stage was chosen by architecture",
      remedies: ["set ENTRYPOINT and CMD in the final stage, where every platform passes, and build all platforms again"],
    }),
});
