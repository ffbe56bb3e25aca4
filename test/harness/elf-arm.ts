import type { Bytes } from "./elf-bytes.ts";

/** Build attributes by name, as numbers; others by their tag. */
export interface ArmSpec {
  readonly cpuName?: string;
  readonly cpuArch?: number;
  readonly profile?: number;
  readonly fpArch?: number;
  readonly vfpArgs?: number;
}

/** `.ARM.attributes`: one section of "aeabi", of the whole file. */
export function armAttributes(bytes: Bytes, spec: ArmSpec): Buffer {
  const attributes = Buffer.concat([
    ...(spec.cpuName === undefined ? [] : [Buffer.from([5]), Buffer.from(`${spec.cpuName}\0`)]),
    ...numbers(6, spec.cpuArch),
    ...numbers(7, spec.profile),
    ...numbers(10, spec.fpArch),
    ...numbers(28, spec.vfpArgs),
  ]);
  const file = Buffer.concat([Buffer.from([1]), bytes.u32(5 + attributes.length), attributes]);
  const vendor = Buffer.from("aeabi\0");
  return Buffer.concat([Buffer.from("A"), bytes.u32(4 + vendor.length + file.length), vendor, file]);
}

/** Tag and value, both below 128: one byte of ULEB128 each. */
const numbers = (tag: number, value: number | undefined): Buffer[] => (value === undefined ? [] : [Buffer.from([tag, value])]);
