import { stableJson } from "../../../../core/stable-json.ts";
import { withoutArchitecture } from "../../../../facts/architecture-words.ts";
import type { Healthcheck, RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

const NANOSECONDS = 1e9;

/** Without what is 0 or empty, which means: as the runtime has it. */
const told = (check: Healthcheck | undefined): readonly (readonly [string, unknown])[] =>
  Object.entries(check ?? {}).filter(([, value]) => value !== 0 && value !== null && !(Array.isArray(value) && value.length === 0));

function shown({ Healthcheck: check }: RunConfig): string {
  const fields = told(check).filter(([name]) => name !== "Test");
  const test = check?.Test?.join(" ") ?? "";
  if (fields.length === 0) return test === "" ? "none" : quote(test);
  const rest = fields.map(([name, value]) => `${name} ${name === "Retries" ? String(value) : `${Number(value) / NANOSECONDS}s`}`);
  return `${quote(test)} (${rest.join(", ")})`;
}

export const rule = defineImageRule({
  meta: { id: "healthcheck-differs", summary: "another health check is made on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "the health check differs",
      keyOf: ({ Healthcheck: check }) => withoutArchitecture(stableJson(Object.fromEntries(told(check)))),
      shown,
      cause: "a container is taken for healthy on one platform and not on another, by what checks it and not by how it is",
      remedies: ["write HEALTHCHECK in the final stage, where every platform passes, and build all platforms again"],
    }),
});
