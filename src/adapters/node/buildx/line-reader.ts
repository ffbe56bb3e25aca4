import { StringDecoder } from "node:string_decoder";

/** A line of progress holds what programs printed since the last one; what is longer is cut. */
const LINE_LIMIT = 4 * 1024 * 1024;

/** Cuts bytes into lines, without their line feeds; of a line beyond the limit only the beginning is told. */
export function lineReader(onLine: (line: string) => void, limit = LINE_LIMIT): { write(chunk: Uint8Array): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let held: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    const part = text.slice(0, limit - length);
    if (part === "") return;
    held.push(part);
    length += part.length;
  };
  const tell = (): void => {
    const line = held.join("");
    held = [];
    length = 0;
    onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
  return {
    write(chunk) {
      const [first, ...rest] = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split("\n");
      add(first as string);
      for (const text of rest) {
        tell();
        add(text);
      }
    },
    end() {
      add(decoder.end());
      if (length > 0) tell();
    },
  };
}
