import { ProblemError } from "../core/problem.ts";

const SYMBOLIC = /^[ugoa]*(?:[-+=][rwxXstugo]*)+(?:,[ugoa]*(?:[-+=][rwxXstugo]*)+)*$/;

/**
 * Checks the form of --chmod: octal up to 7777, or symbolic as chmod(1) has it.
 * @throws {ProblemError} `dockerfile-semantics`
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert_copy.go, read 2026-11-22
 */
export function checkChmod(text: string): string {
  const octal = /^[0-7]+$/.test(text);
  if (octal ? Number.parseInt(text, 8) <= 0o7777 : SYMBOLIC.test(text)) return text;
  throw new ProblemError("dockerfile-semantics", {
    message: `--chmod has "${text}", which is no mode`,
    hint: 'wanted octal digits up to 7777, such as 0755, or a symbolic mode, such as "u=rwX,go=rX"',
  });
}
