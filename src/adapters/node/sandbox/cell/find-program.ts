import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { type BinaryFormats, elfOf, fitsFormat } from "./binary-format.ts";
import { CellRefusal } from "./refusal.ts";

/** The kernel reads as much of a program's head. */
const HEAD_BYTES = 256;
/** So many interpreters of interpreters the kernel follows. */
const MAX_INTERPRETERS = 5;

/**
 * Where the program is, as runc looks for it: a name without a slash in the folders of PATH, in which it skips what is not there or not executable. Of what it finds
 * it makes sure that the kernel can execute it; otherwise the C library would give a file of another machine to /bin/sh as a script. Asked by the thread that
 * has gone into the root, as the user.
 * @throws {CellRefusal} `run-failed`
 */
export function findProgram(name: string, path: string, formats: BinaryFormats): string {
  const file = name.includes("/") ? name : inPath(name, path);
  if (name.includes("/")) checkExecutable(file, file);
  checkFormat(file, formats);
  return file;
}

function inPath(name: string, path: string): string {
  if (name !== "")
    for (const folder of path.split(":")) {
      const file = `${folder === "" ? "." : folder}/${name}`;
      if (problemOf(file) === undefined) return file;
    }
  throw new CellRefusal({
    code: "run-failed",
    message: `program "${name}" was not found in PATH (${path})`,
    hint: "install it by an earlier RUN, or name it by its path",
  });
}

function checkExecutable(file: string, shown: string): void {
  const problem = problemOf(file);
  if (problem !== undefined)
    throw new CellRefusal({
      code: "run-failed",
      message: `program "${shown}" cannot be run: ${problem.what}`,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    });
}

function problemOf(file: string): { readonly what: string; readonly hint?: string } | undefined {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return { what: "it is a directory" };
    if (!stat.isFile()) return { what: "it is not a file" };
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR")
      return { what: "there is no such file in the stage", hint: "a stage FROM scratch has nothing, not even a shell, until it is copied there" };
    if (code === "EACCES")
      return {
        what: "permission denied",
        hint: "it needs the permission to be executed (chmod +x), and its folders the one to be entered, for the step's user",
      };
    return { what: code === "ELOOP" ? "its path is a loop of symlinks" : `the system says ${code}` };
  }
}

/** Follows `#!` down to a program. */
function checkFormat(program: string, formats: BinaryFormats): void {
  let file = program;
  for (let depth = 0; ; depth++) {
    const head = headOf(file);
    // Executable, and not readable: then only the kernel can tell.
    if (head === undefined || fitsFormat(head, file, formats)) return;
    if (head[0] !== 0x23 || head[1] !== 0x21) throw noFormat(file, head, formats);
    const line = head
      .subarray(2)
      .toString("utf8")
      .split("\n")[0]!
      .replaceAll(/^[ \t]+|[ \t]+$/g, "");
    const interpreter = line.split(/[ \t]+/)[0]!;
    if (interpreter === "")
      throw new CellRefusal({ code: "run-failed", message: `program "${file}" cannot be run: its first line names no interpreter after "#!"` });
    if (depth >= MAX_INTERPRETERS)
      throw new CellRefusal({
        code: "run-failed",
        message: `program "${program}" cannot be run: the interpreter of its interpreter, and so on, goes on for more than ${MAX_INTERPRETERS}`,
      });
    const problem = problemOf(interpreter);
    if (problem !== undefined) {
      const hint = interpreter.endsWith("\r") ? "its lines end in CR LF, as on Windows; save it with LF" : problem.hint;
      throw new CellRefusal({
        code: "run-failed",
        message: `program "${file}" cannot be run: its interpreter ${JSON.stringify(interpreter)}: ${problem.what}`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    file = interpreter;
  }
}

function noFormat(file: string, head: Buffer, formats: BinaryFormats): CellRefusal {
  const elf = elfOf(head);
  if (elf !== undefined)
    return new CellRefusal({
      code: "run-failed",
      message: `exec format error: "${file}" is a program for ${elf.architecture}, and this step runs programs for ${formats.platform}`,
      hint: "copy the program for the target platform, or run the step on the program's own: FROM --platform",
    });
  const what = head.length === 0 ? "it is empty" : 'it is neither a program nor a script that begins with "#!"';
  return new CellRefusal({
    code: "run-failed",
    message: `exec format error: "${file}" cannot be run: ${what}`,
    hint: 'a script names its interpreter in the first line, as in "#!/bin/sh"',
  });
}

function headOf(file: string): Buffer | undefined {
  let open: number;
  try {
    open = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(open, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(open);
  }
}
