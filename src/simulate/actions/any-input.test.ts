import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actionDoes } from "../../../test/harness/action-step.ts";
import { describedActions, inputsOfMajor } from "../../facts/actions.ts";
import { actionModelFor } from "./registry.ts";

/** What upsets readers of inputs: quotes, templates, YAML, expressions, patterns. */
const VALUES = [
  "",
  "true",
  "${" + "{ x }}",
  '"',
  "a,b\n# c\n",
  "type=semver,pattern={{version}}",
  "type=match,pattern=(a+)+$",
  "type=raw,value={{date 'YYYY'}},enable={{",
  "- &a [*a]",
  "- a: {b: c}\n- 1",
  "{{defaultContext}}:../x",
  "name=,enable=maybe",
  "-f /etc/passwd release",
  "linux/amd64,,linux/§",
  "type=,version==",
  "\ue000\uf8ff",
  "../..",
];

const modelled = describedActions().filter(({ name }) => actionModelFor(name) !== undefined);

describe.each(modelled.map(({ name, majors }) => [name, majors.map(({ major }) => major)] as const))("%s", (name, majors) => {
  test("takes whatever its inputs are given, and does the same each time", () => {
    const names = [...new Set(majors.flatMap((major) => (inputsOfMajor(name, major) ?? []).map((input) => input.name)))];
    const given = fc.dictionary(fc.constantFrom(...names, "other"), fc.constantFrom(...VALUES), { maxKeys: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...majors, undefined), given, (major, inputs) => {
        expect(actionDoes(name, { major, with: inputs })).toEqual(actionDoes(name, { major, with: inputs }));
      }),
      { numRuns: 60 },
    );
  });
});
