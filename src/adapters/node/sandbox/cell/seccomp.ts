import { type Abi, CALLS, X32_BIT } from "./seccomp-calls.ts";
import { answer, anyBit, argument, atLeast, bytes, emit, equal, load, masked, type Step } from "./seccomp-program.ts";

/** Answers of a filter. Source: Linux 6.18 include/uapi/linux/seccomp.h, read 2026-11-22. */
export const ALLOW = 0x7fff0000;
export const KILL = 0x80000000;
const errno = (number: number): number => 0x00050000 | number;
export const EPERM = errno(1);
export const EINVAL = errno(22);
export const ENOSYS = errno(38);
/** The call says that it worked, and does nothing. */
export const PRETEND = errno(0);

/** `AUDIT_ARCH_*`. Source: Linux 6.18 include/uapi/linux/audit.h, read 2026-11-22. */
const ARCHITECTURES: Readonly<Record<string, readonly { readonly audit: number; readonly abis: readonly Abi[] }[]>> = {
  x64: [
    { audit: 0xc000003e, abis: ["x86_64", "x32"] },
    { audit: 0x40000003, abis: ["i386"] },
  ],
  arm64: [
    { audit: 0xc00000b7, abis: ["arm64"] },
    { audit: 0x40000028, abis: ["arm"] },
  ],
  riscv64: [{ audit: 0xc00000f3, abis: ["riscv64"] }],
  loong64: [{ audit: 0xc0000102, abis: ["loong64"] }],
};

const ALLOWED = answer(ALLOW);
const REFUSED = answer(EPERM);
const UNKNOWN = answer(ENOSYS);

/** `CLONE_NEW*`, all of them. */
const NAMESPACE_FLAGS = 0x7e020000;
const [AF_ALG, AF_VSOCK] = [38, 40];
/** Of `personality(2)`: nothing, uname26, ADDR_NO_RANDOMIZE and so on, and the question. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** The arguments are compared by their lower 32 bits, which are all that the kernel looks at in these calls. */
const socketRule: Step = argument(0, equal(AF_ALG, answer(EPERM), equal(AF_VSOCK, answer(EPERM), answer(ALLOW))));
const personalityRule: Step = argument(
  0,
  PERSONALITIES.reduceRight((no, value) => equal(value, answer(ALLOW), no), answer(EPERM)),
);
const cloneRule: Step = argument(0, anyBit(NAMESPACE_FLAGS, answer(EPERM), answer(ALLOW)));
const [S_IFMT, S_IFCHR, S_IFBLK] = [0xf000, 0x2000, 0x6000];
/**
 * A character device 0/0 is overlay's way to say that a file is gone: no program is to make one, wherever that lies. It is the one device that the kernel allows
 * in a user namespace. `mode` is the argument of this place, the number comes after it.
 */
const deviceRule = (mode: number, others: Step): Step =>
  masked(mode, S_IFMT, equal(S_IFCHR, argument(mode + 1, equal(0, answer(EPERM), others)), equal(S_IFBLK, others, answer(ALLOW))));
const RENAME_WHITEOUT = 4;
/** The other way to make one. As file systems answer that do not know it, overlay among them. */
const renameRule: Step = argument(4, anyBit(RENAME_WHITEOUT, answer(EINVAL), answer(ALLOW)));

const DOCKER_RULES: Readonly<Record<string, Step>> = {
  socket: socketRule,
  personality: personalityRule,
  clone: cloneRule,
  // Its flags lie in memory, which a filter cannot read: programs fall back to clone.
  clone3: answer(ENOSYS),
  mknod: deviceRule(1, answer(ALLOW)),
  mknodat: deviceRule(2, answer(ALLOW)),
  renameat2: renameRule,
};

const owners = ["chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32"];
const ids = ["setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups"];
/** With one id, owners can neither be changed nor taken on; package managers insist. Charliecloud's idea. */
const PRETENDED: Readonly<Record<string, Step>> = {
  ...Object.fromEntries([...owners, ...ids, ...ids.map((name) => `${name}32`), "capset"].map((name) => [name, answer(PRETEND)])),
  // A fifo is made.
  mknod: deviceRule(1, answer(PRETEND)),
  mknodat: deviceRule(2, answer(PRETEND)),
};

/**
 * Docker's default filter for this machine's processor, its 32 bit interfaces too: what is not known to be harmless is refused with EPERM, calls newer than the
 * profile with ENOSYS, so that programs fall back. Programs under emulation make the machine's own calls.
 * @param architecture  as `process.arch`
 * @param pretendOwners  changes of owners and ids, and making of devices, say that they worked
 * @returns `struct sock_filter[]`; undefined where the numbers are not known
 */
export function compileFilter(architecture: string, pretendOwners: boolean): Uint8Array | undefined {
  const parts = ARCHITECTURES[architecture];
  if (parts === undefined) return undefined;
  const rules = pretendOwners ? { ...DOCKER_RULES, ...PRETENDED } : DOCKER_RULES;
  const all = parts.reduceRight<Step>((no, { audit, abis }) => equal(audit, load("number", tree(abis.flatMap((abi) => ranges(abi, rules)))), no), answer(KILL));
  return bytes(emit(load("architecture", all)));
}

interface Range {
  /** Up to the next range. */
  readonly from: number;
  readonly step: Step;
}

/** What an interface's numbers are answered, from the least. */
function ranges(abi: Abi, rules: Readonly<Record<string, Step>>): Range[] {
  const steps = new Map<number, Step>();
  for (const [name, numbers] of CALLS) {
    const number = numbers[abi];
    if (number !== undefined) steps.set(number, rules[name] ?? ALLOWED);
  }
  const least = abi === "x32" ? X32_BIT : 0;
  const PRIVATE = 0xf0000;
  const newest = Math.max(...[...steps.keys()].filter((number) => number - least < PRIVATE));
  const found: Range[] = [];
  const add = (from: number, step: Step): void => {
    if (found.at(-1)?.step !== step) found.push({ from, step });
  };
  for (let number = least; number <= newest; number++) add(number, steps.get(number) ?? REFUSED);
  add(newest + 1, UNKNOWN);
  for (const number of [...steps.keys()].filter((later) => later > newest).sort((a, b) => a - b)) {
    add(number, steps.get(number)!);
    add(number + 1, steps.get(number + 1) ?? UNKNOWN);
  }
  return found;
}

function tree(of: readonly Range[]): Step {
  if (of.length === 1) return of[0]!.step;
  const middle = of.length >> 1;
  return atLeast(of[middle]!.from, tree(of.slice(middle)), tree(of.slice(0, middle)));
}
