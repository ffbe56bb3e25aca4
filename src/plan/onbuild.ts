import { ProblemError } from "../core/problem.ts";
import type { Instruction } from "../dockerfile/ast.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";

/**
 * Reads an ONBUILD trigger as a base image's config has it: one instruction, maybe with here-documents. Its spans are in a text of its own.
 * @throws {ProblemError} `dockerfile-syntax`
 */
export function parseTrigger(text: string): Instruction {
  const { stages, complaints } = parseDockerfile({ name: "ONBUILD", text: `FROM scratch\n${text}\n` });
  const wrong = complaints.find(({ severity }) => severity === "error");
  const instructions = stages.flatMap((stage) => stage.instructions);
  const [instruction] = instructions;
  if (wrong === undefined && stages.length === 1 && instructions.length === 1 && instruction !== undefined && instruction.kind !== "onbuild")
    return instruction;
  const why = wrong?.message ?? (instruction?.kind === "onbuild" ? "it is another ONBUILD" : "it is not one instruction");
  throw new ProblemError("dockerfile-syntax", {
    message: `the base has the ONBUILD trigger "${text.slice(0, 200)}", which cannot be read: ${why}`,
    hint: "use another base, or have its publisher mend the trigger",
  });
}
