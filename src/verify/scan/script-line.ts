import { decodeName } from "../../image/tar/name.ts";

/** Linux looks at so many bytes of a program's beginning (BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h). */
const LINUX_BYTES = 256;
const HASH = 0x23;
const BANG = 0x21;
const LINE_END = 0x0a;

/** Takes the beginnings of files, one after another, and tells their `#!` lines. */
export interface ScriptReader {
  /** Bytes of a file that are looked at. */
  readonly bytes: number;
  /** A file begins. */
  begin(): void;
  /** The next bytes; more than {@link bytes} are harmless. */
  write(chunk: Uint8Array): void;
  /** What stands behind `#!`, as {@link decodeName} gives it, without the line's end; cut where Linux does. Undefined: it is no script. */
  end(): string | undefined;
}

export function scriptReader(): ScriptReader {
  const head = Buffer.alloc(LINUX_BYTES);
  let length = 0;
  let isScript = true;
  return {
    bytes: LINUX_BYTES,
    begin() {
      length = 0;
      isScript = true;
    },
    write(chunk) {
      if (length === 0 && chunk[0] !== HASH) isScript = false;
      if (!isScript) return;
      const part = chunk.subarray(0, LINUX_BYTES - length);
      head.set(part, length);
      length += part.length;
    },
    end() {
      if (!isScript || length < 2 || head[1] !== BANG) return undefined;
      const line = head.subarray(2, length);
      const end = line.indexOf(LINE_END);
      return decodeName(end === -1 ? line : line.subarray(0, end));
    },
  };
}
