import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { CellListener } from "../cell/start-cell.ts";
import type { ProgramOrder, ProgramReport } from "../protocol.ts";
import type { Programs } from "./programs.ts";
import { runProgram } from "./run-program.ts";

/** A builder's connection, that takes what it is given when it is told to. */
class Connection extends EventEmitter {
  readonly written: Buffer[] = [];
  takes = true;
  writableFinished = false;
  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes));
    return this.takes;
  }
  end(): void {
    this.writableFinished = true;
    this.emit("close");
  }
  cork(): void {}
  uncork(): void {}
}

function started(): { connection: Connection; listener: CellListener; end: (report: ProgramReport) => void; discarded: string[]; done: Promise<void> } {
  const connection = new Connection();
  const discarded: string[] = [];
  let listener: CellListener | undefined;
  let end: ((report: ProgramReport) => void) | undefined;
  const ended = new Promise<ProgramReport>((resolve) => (end = resolve));
  const programs = {
    start: async (_: ProgramOrder, on: CellListener) => {
      listener = on;
      return { ended };
    },
    discard: async (id: string) => void discarded.push(id),
  } as unknown as Programs;
  const done = runProgram(programs, { id: "a1" } as ProgramOrder, connection as unknown as ServerResponse);
  return { connection, listener: listener as unknown as CellListener, end: end as unknown as (report: ProgramReport) => void, discarded, done };
}

test("a program waits while the builder does not take what it prints", async () => {
  const { connection, listener, end, done } = started();
  expect(listener.output("stdout", Buffer.from("one"))).toBeUndefined();
  connection.takes = false;
  let taken = false;
  const waiting = Promise.resolve(listener.output("stdout", Buffer.from("two"))).then(() => (taken = true));
  await new Promise(setImmediate);
  expect(taken).toBe(false);
  connection.emit("drain");
  await waiting;
  end({ exitCode: 0 });
  await done;
  expect(Buffer.concat(connection.written).toString()).toContain("two");
});

test("a program is ended when its builder hangs up, and what it still prints waits for nobody", async () => {
  const { connection, listener, end, discarded, done } = started();
  connection.takes = false;
  const waiting = listener.output("stderr", Buffer.from("one"));
  connection.emit("close");
  await waiting;
  expect(discarded).toEqual(["a1"]);
  expect(listener.output("stderr", Buffer.from("two"))).toBeUndefined();
  end({ exitCode: 137, signal: "SIGKILL" });
  await done;
});
