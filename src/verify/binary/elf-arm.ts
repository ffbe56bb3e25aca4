import type { ArmAttributes } from "./binary.ts";
import type { Section } from "./elf-sections.ts";
import { SECTION_TYPE } from "./elf-sections.ts";
import type { KeptFile } from "./kept-file.ts";
import type { Numbers } from "./numbers.ts";

// Source: ABI for the Arm Architecture, addenda32, "Build attributes".

const TAG = { file: 1, cpuRawName: 4, cpuName: 5, cpuArch: 6, profile: 7, fpArch: 10, vfpArgs: 28, compatibility: 32 } as const;
/** Real ones have some sixty bytes. */
const SECTION_BYTES_LIMIT = 64 * 1024;

/** The build attributes; undefined without, or when they are damaged: they are no more than a hint. */
export function readArmAttributes(file: KeptFile, sections: readonly Section[], numbers: Numbers): ArmAttributes | undefined {
  const section = sections.find(({ type }) => type === SECTION_TYPE.armAttributes);
  if (section === undefined || section.size > SECTION_BYTES_LIMIT) return undefined;
  const bytes = file.take(section.offset, section.size);
  if (typeof bytes === "string" || bytes[0] !== 0x41) return undefined;
  for (let at = 1; at + 4 <= bytes.length; ) {
    const length = numbers.u32(bytes, at);
    if (length < 4 || at + length > bytes.length) return undefined;
    const vendorEnd = bytes.indexOf(0, at + 4);
    if (vendorEnd !== -1 && bytes.toString("latin1", at + 4, vendorEnd) === "aeabi")
      return attributesOfFile(bytes.subarray(vendorEnd + 1, at + length), numbers);
    at += length;
  }
  return undefined;
}

function attributesOfFile(bytes: Buffer, numbers: Numbers): ArmAttributes | undefined {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const size = numbers.u32(bytes, at + 1);
    if (size < 5 || at + size > bytes.length) return undefined;
    if (bytes[at] === TAG.file) return attributes(bytes.subarray(at + 5, at + size));
    at += size;
  }
  return undefined;
}

function attributes(bytes: Buffer): ArmAttributes | undefined {
  const values = new Map<number, number>();
  for (let at = 0; at < bytes.length; ) {
    const tag = uleb(bytes, at);
    if (tag === undefined) return undefined;
    at = tag.next;
    if (tag.value === TAG.compatibility || !hasText(tag.value)) {
      const value = uleb(bytes, at);
      if (value === undefined) return undefined;
      values.set(tag.value, value.value);
      at = value.next;
    }
    if (hasText(tag.value) || tag.value === TAG.compatibility) {
      const end = bytes.indexOf(0, at);
      if (end === -1) return undefined;
      at = end + 1;
    }
  }
  return { cpuArch: values.get(TAG.cpuArch), profile: values.get(TAG.profile), vfpArgs: values.get(TAG.vfpArgs), fpArch: values.get(TAG.fpArch) };
}

/** From 32 on, odd tags have text, so that a reader can go over those that it does not know. */
const hasText = (tag: number): boolean => tag === TAG.cpuRawName || tag === TAG.cpuName || (tag > 32 && tag % 2 === 1);

function uleb(bytes: Buffer, start: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let at = start, factor = 1; at < bytes.length && at < start + 5; at++, factor *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return undefined;
}
