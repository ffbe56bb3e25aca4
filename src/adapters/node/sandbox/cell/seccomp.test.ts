import { describe, expect, test } from "vitest";
import { ALLOW, compileFilter, EINVAL, ENOSYS, EPERM, KILL, PRETEND } from "./seccomp.ts";

/** `struct seccomp_data` of a call. */
interface Call {
  readonly architecture: number;
  readonly number: number;
  readonly arguments?: readonly (number | bigint)[];
}

/** Classic BPF as the kernel's seccomp runs it: only what filters may use. */
function run(program: Uint8Array, call: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.architecture >>> 0, 4);
  for (const [at, argument] of (call.arguments ?? []).entries()) data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(argument)), 16 + at * 8);
  const code = Buffer.from(program);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [what, yes, no, value] = [code.readUInt16LE(at * 8), code[at * 8 + 2]!, code[at * 8 + 3]!, code.readUInt32LE(at * 8 + 4)];
    if (what === 0x06) return value;
    else if (what === 0x20) accumulator = data.readUInt32LE(value);
    else if (what === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (what === 0x05) at += value;
    else if (what === 0x15) at += accumulator === value ? yes : no;
    else if (what === 0x35) at += accumulator >= value ? yes : no;
    else if (what === 0x45) at += (accumulator & value) !== 0 ? yes : no;
    else throw new Error(`instruction ${what} is none of a filter`);
  }
}

const [X64, I386, ARM64, ARM, RISCV64, LOONG64] = [0xc000003e, 0x40000003, 0xc00000b7, 0x40000028, 0xc00000f3, 0xc0000102];
const [S_IFIFO, S_IFCHR, S_IFBLK, S_IFREG] = [0x1000, 0x2000, 0x6000, 0x8000];
const X32 = 0x40000000;
const CLONE_NEWUSER = 0x10000000;

describe("Docker's filter", () => {
  const on = {
    x64: compileFilter("x64", false)!,
    arm64: compileFilter("arm64", false)!,
    riscv64: compileFilter("riscv64", false)!,
    loong64: compileFilter("loong64", false)!,
  };
  const cases: readonly [what: string, on: keyof typeof on, call: Call, answer: number][] = [
    ["read", "x64", { architecture: X64, number: 0 }, ALLOW],
    ["execve", "x64", { architecture: X64, number: 59 }, ALLOW],
    ["mount", "x64", { architecture: X64, number: 165 }, EPERM],
    ["unshare", "x64", { architecture: X64, number: 272 }, EPERM],
    ["setns", "x64", { architecture: X64, number: 308 }, EPERM],
    ["pivot_root", "x64", { architecture: X64, number: 155 }, EPERM],
    ["bpf", "x64", { architecture: X64, number: 321 }, EPERM],
    ["keyctl", "x64", { architecture: X64, number: 250 }, EPERM],
    ["kexec_load", "x64", { architecture: X64, number: 246 }, EPERM],
    ["io_uring_setup", "x64", { architecture: X64, number: 425 }, EPERM],
    ["ptrace", "x64", { architecture: X64, number: 101 }, ALLOW],
    ["chroot, which the capabilities allow", "x64", { architecture: X64, number: 161 }, ALLOW],
    ["chown", "x64", { architecture: X64, number: 92 }, ALLOW],
    ["clone3, so that clone is tried", "x64", { architecture: X64, number: 435 }, ENOSYS],
    ["clone of a thread", "x64", { architecture: X64, number: 56, arguments: [0x3d0f00] }, ALLOW],
    ["clone into a user namespace", "x64", { architecture: X64, number: 56, arguments: [CLONE_NEWUSER | 17] }, EPERM],
    ["a socket of the internet", "x64", { architecture: X64, number: 41, arguments: [2, 1, 0] }, ALLOW],
    ["a socket of the kernel's ciphers", "x64", { architecture: X64, number: 41, arguments: [38, 5, 0] }, EPERM],
    ["the same, hidden behind bits that the kernel ignores", "x64", { architecture: X64, number: 41, arguments: [0x1_0000_0026n, 5, 0] }, EPERM],
    ["a socket of virtual machines", "x64", { architecture: X64, number: 41, arguments: [40, 1, 0] }, EPERM],
    ["a socket between the two", "x64", { architecture: X64, number: 41, arguments: [39, 1, 0] }, ALLOW],
    ["the question for the personality", "x64", { architecture: X64, number: 135, arguments: [0xffffffff] }, ALLOW],
    ["personality that reads as executes", "x64", { architecture: X64, number: 135, arguments: [0x0400000] }, EPERM],
    ["a call of the future", "x64", { architecture: X64, number: 600 }, ENOSYS],
    ["x32: read", "x64", { architecture: X64, number: X32 | 0 }, ALLOW],
    ["x32: mount", "x64", { architecture: X64, number: X32 | 165 }, EPERM],
    ["x32: execve has a number of its own", "x64", { architecture: X64, number: X32 | 520 }, ALLOW],
    ["386: exit", "x64", { architecture: I386, number: 1 }, ALLOW],
    ["386: mount", "x64", { architecture: I386, number: 21 }, EPERM],
    ["386: what is unshare in 64 bits is fchmodat or the like", "x64", { architecture: I386, number: 310 }, EPERM],
    ["386: chown32", "x64", { architecture: I386, number: 212 }, ALLOW],
    ["mknod of a whiteout", "x64", { architecture: X64, number: 133, arguments: [0, S_IFCHR | 0o666, 0] }, EPERM],
    ["the same, hidden behind bits that the kernel ignores", "x64", { architecture: X64, number: 133, arguments: [0, 0x5_0000_2000n, 0x7_0000_0000n] }, EPERM],
    ["mknod of a device with a number, which the kernel refuses", "x64", { architecture: X64, number: 133, arguments: [0, S_IFCHR, 0x103] }, ALLOW],
    ["mknod of a fifo", "x64", { architecture: X64, number: 133, arguments: [0, S_IFIFO | 0o600, 0] }, ALLOW],
    ["mknod of a file without a type", "x64", { architecture: X64, number: 133, arguments: [0, 0o600, 0] }, ALLOW],
    ["mknodat of a whiteout", "x64", { architecture: X64, number: 259, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["x32: mknod of a whiteout", "x64", { architecture: X64, number: X32 | 133, arguments: [0, S_IFCHR, 0] }, EPERM],
    ["x32: mknodat of a whiteout", "x64", { architecture: X64, number: X32 | 259, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["386: mknod of a whiteout", "x64", { architecture: I386, number: 14, arguments: [0, S_IFCHR, 0] }, EPERM],
    ["386: mknodat of a whiteout", "x64", { architecture: I386, number: 297, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["arm64: mknodat of a whiteout", "arm64", { architecture: ARM64, number: 33, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["arm: mknod of a whiteout", "arm64", { architecture: ARM, number: 14, arguments: [0, S_IFCHR, 0] }, EPERM],
    ["arm: mknodat of a whiteout", "arm64", { architecture: ARM, number: 324, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["riscv64: mknodat of a whiteout", "riscv64", { architecture: RISCV64, number: 33, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["loong64: mknodat of a whiteout", "loong64", { architecture: LOONG64, number: 33, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["a rename that leaves a whiteout", "x64", { architecture: X64, number: 316, arguments: [0, 0, 0, 0, 4] }, EINVAL],
    ["the same, and more", "x64", { architecture: X64, number: 316, arguments: [0, 0, 0, 0, 5] }, EINVAL],
    ["a rename that replaces nothing", "x64", { architecture: X64, number: 316, arguments: [0, 0, 0, 0, 1] }, ALLOW],
    ["386: a rename that leaves a whiteout", "x64", { architecture: I386, number: 353, arguments: [0, 0, 0, 0, 4] }, EINVAL],
    ["arm64: a rename that leaves a whiteout", "arm64", { architecture: ARM64, number: 276, arguments: [0, 0, 0, 0, 4] }, EINVAL],
    ["another machine's call", "x64", { architecture: ARM64, number: 0 }, KILL],
    ["arm64: openat", "arm64", { architecture: ARM64, number: 56 }, ALLOW],
    ["arm64: mount", "arm64", { architecture: ARM64, number: 40 }, EPERM],
    ["arm64: unshare", "arm64", { architecture: ARM64, number: 97 }, EPERM],
    ["arm64: clone into a user namespace", "arm64", { architecture: ARM64, number: 220, arguments: [CLONE_NEWUSER] }, EPERM],
    ["arm64: clone3", "arm64", { architecture: ARM64, number: 435 }, ENOSYS],
    ["arm: set_tls, among the private calls", "arm64", { architecture: ARM, number: 983045 }, ALLOW],
    ["arm: a private call that is none", "arm64", { architecture: ARM, number: 983046 }, ENOSYS],
    ["arm: mount", "arm64", { architecture: ARM, number: 21 }, EPERM],
  ];
  test.each(cases)("%s (%s)", (_, machine, call, answer) => {
    expect(run(on[machine], call)).toBe(answer);
  });

  test.each(["x64", "arm64", "riscv64", "loong64"])("%s: the kernel takes its length", (machine) => {
    expect(compileFilter(machine, true)!.byteLength / 8).toBeLessThan(4096);
  });

  test("there is none for a processor whose numbers are not known", () => {
    expect(compileFilter("s390x", false)).toBeUndefined();
  });
});

describe("the filter that pretends", () => {
  const filter = compileFilter("x64", true)!;
  const cases: readonly [what: string, call: Call, answer: number][] = [
    ["chown", { architecture: X64, number: 92 }, PRETEND],
    ["fchownat", { architecture: X64, number: 260 }, PRETEND],
    ["setgroups", { architecture: X64, number: 116 }, PRETEND],
    ["setresuid", { architecture: X64, number: 117 }, PRETEND],
    ["capset", { architecture: X64, number: 126 }, PRETEND],
    ["x32: chown", { architecture: X64, number: X32 | 92 }, PRETEND],
    ["386: chown", { architecture: I386, number: 182 }, PRETEND],
    ["386: chown32", { architecture: I386, number: 212 }, PRETEND],
    ["386: setgroups32", { architecture: I386, number: 206 }, PRETEND],
    ["mknod of a device of characters", { architecture: X64, number: 133, arguments: [0, S_IFCHR | 0o666, 259] }, PRETEND],
    ["mknodat of a device of blocks", { architecture: X64, number: 259, arguments: [0, 0, S_IFBLK | 0o660, 1] }, PRETEND],
    ["mknod of a whiteout", { architecture: X64, number: 133, arguments: [0, S_IFCHR | 0o666, 0] }, EPERM],
    ["386: mknodat of a whiteout", { architecture: I386, number: 297, arguments: [0, 0, S_IFCHR, 0] }, EPERM],
    ["a rename that leaves a whiteout", { architecture: X64, number: 316, arguments: [0, 0, 0, 0, 4] }, EINVAL],
    ["mknod of a fifo", { architecture: X64, number: 133, arguments: [0, S_IFIFO | 0o600] }, ALLOW],
    ["mknodat of a file", { architecture: X64, number: 259, arguments: [0, 0, S_IFREG | 0o600] }, ALLOW],
    ["getuid", { architecture: X64, number: 102 }, ALLOW],
    ["mount", { architecture: X64, number: 165 }, EPERM],
  ];
  test.each(cases)("%s", (_, call, answer) => {
    expect(run(filter, call)).toBe(answer);
  });
});
