/** What tells programs of an architecture by their first bytes, and QEMU's word for it. */
export interface Machine {
  /** `qemu-WORD`. */
  readonly qemu: string;
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  /** `e_machine` of ELF. */
  readonly elf: number;
}

/**
 * By Go's name of the architecture: those that images are published for.
 * Source: qemu 7.2 scripts/qemu-binfmt-conf.sh (words, first bytes) and Linux 6.18 include/uapi/linux/elf-em.h, read 2026-11-22.
 */
export const MACHINES: Readonly<Record<string, Machine>> = {
  amd64: { qemu: "x86_64", bits: 64, bigEndian: false, elf: 62 },
  "386": { qemu: "i386", bits: 32, bigEndian: false, elf: 3 },
  arm64: { qemu: "aarch64", bits: 64, bigEndian: false, elf: 183 },
  arm: { qemu: "arm", bits: 32, bigEndian: false, elf: 40 },
  riscv64: { qemu: "riscv64", bits: 64, bigEndian: false, elf: 243 },
  ppc64le: { qemu: "ppc64le", bits: 64, bigEndian: false, elf: 21 },
  s390x: { qemu: "s390x", bits: 64, bigEndian: true, elf: 22 },
};

/** What else a machine's processor may run by itself; whether it does is tried. */
export const RELATED: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };

/** Where the first bytes of programs differ: up to and with `e_machine`. */
const HEAD_BYTES = 20;

/** The first bytes of an architecture's programs, and which bits of them count: not the system's ABI, and programs of a fixed place (2) as well as movable ones (3). */
export function headOf({ bits, bigEndian, elf }: Machine): { readonly magic: Buffer; readonly mask: Buffer } {
  const magic = Buffer.alloc(HEAD_BYTES);
  magic.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, bigEndian ? 2 : 1, 1]);
  const mask = Buffer.alloc(HEAD_BYTES, 0xff);
  mask[7] = 0;
  if (bigEndian) {
    magic.writeUInt16BE(2, 16);
    magic.writeUInt16BE(elf, 18);
    mask[17] = 0xfe;
  } else {
    magic.writeUInt16LE(2, 16);
    magic.writeUInt16LE(elf, 18);
    mask[16] = 0xfe;
  }
  return { magic, mask };
}
