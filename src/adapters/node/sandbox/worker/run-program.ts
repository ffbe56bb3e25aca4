import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { FRAME, type ProgramOrder } from "../protocol.ts";
import type { Programs } from "./programs.ts";

/** Runs a program and streams what it prints; a builder that hangs up ends it. */
export async function runProgram(programs: Programs, order: ProgramOrder, response: ServerResponse): Promise<void> {
  let gone = response.destroyed;
  if (gone) return;
  response.once("close", () => {
    gone = true;
    if (!response.writableFinished) void programs.discard(order.id).catch(() => {});
  });
  try {
    const program = await programs.start(order, {
      output: (stream, bytes) => {
        if (!gone && !writeFrame(response, FRAME[stream], bytes)) return Promise.race([once(response, "drain"), once(response, "close")]).then(() => {});
      },
    });
    const report = await program.ended;
    writeFrame(response, FRAME.end, Buffer.from(JSON.stringify(report)));
    response.end();
  } catch (error) {
    await programs.discard(order.id);
    throw error;
  }
}

/** False when the builder has not taken what went before. */
function writeFrame(response: ServerResponse, kind: number, bytes: Uint8Array): boolean {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(bytes.byteLength, 1);
  response.cork();
  response.write(head);
  const ready = response.write(bytes);
  response.uncork();
  return ready;
}
