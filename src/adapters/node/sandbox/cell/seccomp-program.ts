/** A program as a tree. */
export type Step =
  | { readonly answer: number }
  | { readonly load: number; readonly mask?: number; readonly next: Step }
  | { readonly test: number; readonly value: number; readonly yes: Step; readonly no: Step };

/** Classic BPF. Source: Linux 6.18 include/uapi/linux/bpf_common.h, read 2026-11-22. */
const [LD, AND, JA, JEQ, JGE, JSET, RET] = [0x20, 0x54, 0x05, 0x15, 0x35, 0x45, 0x06];
/** In `struct seccomp_data`, little endian. */
const OFFSET = { number: 0, architecture: 4, arguments: 16 } as const;

export function answer(value: number): Step {
  return { answer: value };
}
export function equal(value: number, yes: Step, no: Step): Step {
  return { test: JEQ, value, yes, no };
}
export function anyBit(value: number, yes: Step, no: Step): Step {
  return { test: JSET, value, yes, no };
}
export function argument(index: number, next: Step): Step {
  return { load: OFFSET.arguments + 8 * index, next };
}
export function masked(index: number, mask: number, next: Step): Step {
  return { load: OFFSET.arguments + 8 * index, mask, next };
}

type Instruction = readonly [code: number, yes: number, no: number, value: number];
const FAR = 255;

export function emit(step: Step): Instruction[] {
  if ("answer" in step) return [[RET, 0, 0, step.answer]];
  if ("load" in step) return [[LD, 0, 0, step.load], ...(step.mask === undefined ? [] : [[AND, 0, 0, step.mask] as const]), ...emit(step.next)];
  const yes = emit(step.yes);
  const no = emit(step.no);
  if (no.length <= FAR) return [[step.test, no.length, 0, step.value], ...no, ...yes];
  return [[step.test, 0, 1, step.value], [JA, 0, 0, no.length], ...no, ...yes];
}

export function bytes(program: readonly Instruction[]): Uint8Array {
  const all = Buffer.alloc(program.length * 8);
  for (const [at, [code, yes, no, value]] of program.entries()) {
    all.writeUInt16LE(code, at * 8);
    all.writeUInt8(yes, at * 8 + 2);
    all.writeUInt8(no, at * 8 + 3);
    all.writeUInt32LE(value >>> 0, at * 8 + 4);
  }
  return all;
}

export function atLeast(value: number, yes: Step, no: Step): Step {
  return { test: JGE, value, yes, no };
}
export function load(field: "number" | "architecture", next: Step): Step {
  return { load: OFFSET[field], next };
}
