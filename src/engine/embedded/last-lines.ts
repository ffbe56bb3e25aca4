/** Longer lines lose their beginning. */
const MAX_LINE = 2000;
/** Colours, cursor movements and titles, and what else does not print. */
const UNPRINTABLE = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** The last lines of what a program printed. */
export interface LastLines {
  /** Takes output as it comes. */
  add(bytes: Uint8Array, stream?: "stdout" | "stderr"): void;
  /** In the order in which they ended; a line that has not ended counts too. Without colours; of a line that was written over, what was last. */
  lines(): readonly string[];
}

/** Keeps no more than `limit` lines, whatever a program prints. */
export function lastLines(limit: number): LastLines {
  const ended: string[] = [];
  const open = { stdout: { decoder: new TextDecoder(), text: "" }, stderr: { decoder: new TextDecoder(), text: "" } };
  const push = (line: string): void => {
    ended.push(printed(line));
    if (ended.length > limit) ended.shift();
  };
  return {
    add(bytes, stream = "stdout") {
      const its = open[stream];
      const parts = (its.text + its.decoder.decode(bytes, { stream: true })).split("\n");
      its.text = (parts.pop() as string).slice(-MAX_LINE);
      for (const line of parts.slice(-limit)) push(line);
    },
    lines: () => [...ended, ...Object.values(open).flatMap(({ text }) => (text === "" ? [] : [printed(text)]))].slice(-limit),
  };
}

function printed(line: string): string {
  const text = line.slice(-MAX_LINE).replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1).replace(UNPRINTABLE, "");
}
