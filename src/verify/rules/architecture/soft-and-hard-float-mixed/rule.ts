import type { Elf } from "../../../binary/binary.ts";
import { defineImageRule } from "../../../rule.ts";
import { list } from "../../shown.ts";
import { heldFact, needFacts, placeIn, startLoads } from "../loader-told.ts";
import { chainFacts, programText, severityOf } from "../start-told.ts";

export const rule = defineImageRule({
  meta: {
    id: "soft-and-hard-float-mixed",
    summary: "a program for arm and a library that it loads pass floating-point numbers in different ways",
    severity: "error",
    confidence: "likely",
  },
  platform(image, _subject, report) {
    if (image.platform.architecture !== "arm") return;
    for (const { start, load } of startLoads(image)) {
      const own = load.file.binary === undefined ? undefined : floatOf(load.file.binary);
      const others = own === undefined ? [] : load.libraries.filter(({ file }) => file.binary !== undefined && (floatOf(file.binary) ?? own) !== own);
      const [first] = others;
      if (first === undefined) continue;
      const layer = first.file.node.source;
      report({
        message: `${programText(start)} is made for ${own} float, and ${list(others.map(({ path }) => path))} for ${own === "hard" ? "soft" : "hard"} float`,
        at: placeIn(layer, [...others.map(({ path }) => path), load.path]),
        facts: [...chainFacts(start), ...needFacts(load, first), `it is found by ${first.why}`, ...heldFact(first.file.path, layer)],
        cause: "The loader takes both, and numbers arrive in the wrong registers: results are wrong, without a word.",
        remedies: [
          "take the library for the same ABI: armhf (hard float) for linux/arm/v7, armel (soft float) for linux/arm/v5",
          "compile both with the same -mfloat-abi",
        ],
        severity: severityOf(start),
      });
    }
  },
});

const EF_ARM_ABI_FLOAT_SOFT = 0x200;
const EF_ARM_ABI_FLOAT_HARD = 0x400;

/** Only where the file says so itself: many libraries pass no such numbers. */
function floatOf({ flags, arm }: Elf): "hard" | "soft" | undefined {
  if ((flags & EF_ARM_ABI_FLOAT_HARD) !== 0 || arm?.vfpArgs === 1) return "hard";
  return (flags & EF_ARM_ABI_FLOAT_SOFT) !== 0 ? "soft" : undefined;
}
