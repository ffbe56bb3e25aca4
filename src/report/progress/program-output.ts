import { StringDecoder } from "node:string_decoder";

/** A line that is longer is broken: a program may never end one. */
const LINE_LIMIT = 16 * 1024;

/** What programs print, cut into lines. */
export interface ProgramOutput {
  /** Lines that these bytes complete. A line that overwrites itself (`\r`) is what it was last. */
  add(id: string, stream: "stdout" | "stderr", bytes: Uint8Array): readonly string[];
  /** What was printed without ending the line; asked once, when the program has ended. */
  rest(id: string): readonly string[];
}

export function programOutput(): ProgramOutput {
  const open = new Map<string, Map<string, { readonly decoder: StringDecoder; text: string }>>();
  return {
    add(id, stream, bytes) {
      const streams = open.get(id) ?? new Map();
      open.set(id, streams);
      const state = streams.get(stream) ?? { decoder: new StringDecoder("utf8"), text: "" };
      streams.set(stream, state);
      const lines = (state.text + state.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))).split("\n");
      state.text = lines.pop() as string;
      while (state.text.length > LINE_LIMIT) {
        lines.push(state.text.slice(0, LINE_LIMIT));
        state.text = state.text.slice(LINE_LIMIT);
      }
      return lines.map(lastWritten);
    },
    rest(id) {
      const texts = [...(open.get(id)?.values() ?? [])].map(({ decoder, text }) => lastWritten(text + decoder.end()));
      open.delete(id);
      return texts.filter((text) => text !== "");
    },
  };
}

/** What a terminal would show in the end of a line that went back to its beginning. */
function lastWritten(line: string): string {
  const ended = line.endsWith("\r") ? line.slice(0, -1) : line;
  return ended.slice(ended.lastIndexOf("\r") + 1);
}
