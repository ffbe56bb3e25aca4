/** An entry of binfmt_misc that goes by a program's first bytes. */
export interface BinfmtEntry {
  readonly enabled: boolean;
  readonly interpreter: string;
  /** `POCF` and the like. */
  readonly flags: string;
  readonly offset: number;
  readonly magic: Buffer;
  readonly mask: Buffer;
}

/** An entry as the kernel shows it (fs/binfmt_misc.c, entry_status; Linux 6.18, read 2026-11-22); undefined for one that goes by a file's extension. */
export function parseBinfmtEntry(text: string): BinfmtEntry | undefined {
  const lines = text.split("\n");
  const after = (word: string): string | undefined => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const [interpreter, magic] = [after("interpreter"), hex(after("magic"))];
  if (interpreter === undefined || magic === undefined) return undefined;
  const mask = hex(after("mask")) ?? Buffer.alloc(magic.length, 0xff);
  if (mask.length !== magic.length) return undefined;
  return { enabled: lines[0] === "enabled", interpreter, flags: (after("flags:") ?? "").trim(), offset: Number(after("offset") ?? 0), magic, mask };
}

const hex = (text: string | undefined): Buffer | undefined => (text !== undefined && /^(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text, "hex") : undefined);
