import type { Machine } from "./binfmt-table.ts";

/** Where a probe lies in memory: the same for all, and a whole number of pages of any size in use. */
const ADDRESS = 0x400000;
const PAGE = 0x10000;

/**
 * A static program: the header of ELF, one segment with the whole file, and the instructions behind.
 * @param flags  `e_flags`
 * @see https://gabi.xinuos.com/elf/02-eheader.html
 */
export function elfProgram({ bits, bigEndian, elf }: Machine, flags: number, code: Uint8Array): Uint8Array {
  const word = bits / 8;
  const headerBytes = bits === 64 ? 64 : 52;
  const segmentBytes = bits === 64 ? 56 : 32;
  const codeAt = headerBytes + segmentBytes;
  const size = codeAt + code.byteLength;
  const file = Buffer.alloc(size);
  let at = 0;
  const put = (value: number, bytes: number): void => {
    // Nothing here is larger than 32 bits: of a word of 64 the other half is zero.
    const where = bytes === 8 && bigEndian ? at + 4 : at;
    const width = Math.min(bytes, 4);
    if (bigEndian) file.writeUIntBE(value, where, width);
    else file.writeUIntLE(value, where, width);
    at += bytes;
  };
  const [half, long] = [2, 4];

  file.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, bigEndian ? 2 : 1, 1]);
  at = 16;
  put(2, half); // e_type: at a fixed place
  put(elf, half); // e_machine
  put(1, long); // e_version
  put(ADDRESS + codeAt, word); // e_entry
  put(headerBytes, word); // e_phoff
  put(0, word); // e_shoff: no sections
  put(flags, long); // e_flags
  put(headerBytes, half); // e_ehsize
  put(segmentBytes, half); // e_phentsize
  put(1, half); // e_phnum
  put(0, half); // e_shentsize
  put(0, half); // e_shnum
  put(0, half); // e_shstrndx

  const readAndExecute = 5;
  put(1, long); // p_type: to be loaded
  if (bits === 64) put(readAndExecute, long); // p_flags
  put(0, word); // p_offset
  put(ADDRESS, word); // p_vaddr
  put(ADDRESS, word); // p_paddr
  put(size, word); // p_filesz
  put(size, word); // p_memsz
  if (bits === 32) put(readAndExecute, long); // p_flags
  put(PAGE, word); // p_align

  file.set(code, codeAt);
  return file;
}
