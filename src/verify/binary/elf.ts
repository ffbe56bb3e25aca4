import { decodeName } from "../../image/tar/name.ts";
import type { Elf } from "./binary.ts";
import { type Damage, damageOf } from "./damage.ts";
import { readArmAttributes } from "./elf-arm.ts";
import { dynamicPlace, readDynamic } from "./elf-dynamic.ts";
import { ELF_TYPE, readElfHeader } from "./elf-header.ts";
import { readX86Isa } from "./elf-notes.ts";
import { isSplitDebug, readSections } from "./elf-sections.ts";
import { checkLoaded, readSegments, SEGMENT_TYPE, type Segment } from "./elf-segments.ts";
import type { KeptFile } from "./kept-file.ts";

const MACHINE_ARM = 40;
/** PATH_MAX, which Linux takes at most, NUL and all. */
const INTERPRETER_BYTES_LIMIT = 4096;

/** What an ELF file says; undefined when it is none. Never throws. */
export function readElf(file: KeptFile): Elf | undefined {
  const header = readElfHeader(file);
  if (header === undefined) return undefined;
  const damage = damageOf();
  const { machine, bits, order, type, osAbi, flags } = header;
  if (!header.whole) damage.tell("it is cut short in its header");
  const isLoaded = type === ELF_TYPE.exec || type === ELF_TYPE.dyn;
  // Segments first: damage to what is loaded is told before damage to what is not.
  const segments = isLoaded ? readSegments(file, header, damage) : [];
  const sectionDamage = damageOf();
  const sections = isLoaded || machine === MACHINE_ARM ? readSections(file, header, sectionDamage) : [];
  const used = isSplitDebug(sections) ? [] : segments;
  const interpreter = readInterpreter(file, used, damage);
  const dynamic = readDynamic(file, header, used, damage);
  checkLoaded(file, used, damage);
  if (isLoaded && header.whole && header.segments.count === 0) damage.tell("it has no program headers");
  return {
    format: "elf",
    machine,
    bits,
    order,
    type,
    osAbi,
    flags,
    interpreter,
    dynamic,
    arm: machine === MACHINE_ARM ? readArmAttributes(file, sections, header.numbers) : undefined,
    x86IsaNeeded: readX86Isa(file, header, used),
    damage: damage.told ?? sectionDamage.told,
  };
}

function readInterpreter(file: KeptFile, segments: readonly Segment[], damage: Damage): string | undefined {
  const segment = segments.find(({ type }) => type === SEGMENT_TYPE.interpreter);
  if (segment === undefined) return undefined;
  const bytes = segment.fileSize > INTERPRETER_BYTES_LIMIT ? "beyond" : file.take(segment.offset, segment.fileSize);
  if (typeof bytes !== "string" && bytes.at(-1) === 0) return decodeName(bytes.subarray(0, bytes.indexOf(0)));
  if (bytes === "beyond" && segment.fileSize <= INTERPRETER_BYTES_LIMIT) damage.tell("it is cut short before the name of its interpreter");
  else if (bytes !== "dropped") damage.tell("the name of its interpreter does not end");
  return undefined;
}

/** Of a file whose beginning alone is there yet: the small pieces that it names and that are read later. */
export function elfPlaces(head: KeptFile): readonly { readonly offset: number; readonly length: number }[] {
  const header = readElfHeader(head);
  if (header === undefined) return [];
  const segments = readSegments(head, header, damageOf());
  return [dynamicPlace(segments), ...[SEGMENT_TYPE.interpreter, SEGMENT_TYPE.gnuProperty].map((type) => smallPlace(segments, type))].filter(
    (place) => place !== undefined,
  );
}

function smallPlace(segments: readonly Segment[], type: number): { readonly offset: number; readonly length: number } | undefined {
  const segment = segments.find((one) => one.type === type);
  return segment === undefined || segment.fileSize > INTERPRETER_BYTES_LIMIT ? undefined : { offset: segment.offset, length: segment.fileSize };
}
