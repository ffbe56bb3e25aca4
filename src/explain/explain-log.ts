import { ProblemError } from "../core/problem.ts";
import { failures } from "../facts/failures.ts";
import { LogDecoder } from "./decode.ts";
import { diagnose } from "./diagnose.ts";
import type { Explanation } from "./explanation.ts";
import { LOG_LIMIT_BYTES } from "./limits.ts";
import { LineSplitter } from "./line-splitter.ts";
import { LogReader } from "./log-reader.ts";
import { SignatureIndex } from "./signature-index.ts";

let index: SignatureIndex | undefined;

/**
 * Reads a log, in pieces of any size, and tells what failed. Memory does not grow with the log's length.
 * @throws {ProblemError} `limit-exceeded`
 */
export async function explainLog(log: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): Promise<Explanation> {
  index ??= new SignatureIndex(failures().values());
  const reader = new LogReader(index);
  const splitter = new LineSplitter((text, number) => reader.take(text, number));
  const decoder = new LogDecoder();
  let bytes = 0;
  for await (const chunk of log) {
    bytes += chunk.length;
    if (bytes > LOG_LIMIT_BYTES)
      throw new ProblemError("limit-exceeded", { message: `the log is larger than ${LOG_LIMIT_BYTES} bytes`, hint: "give the log of the failed job alone" });
    splitter.push(typeof chunk === "string" ? chunk : decoder.decode(chunk));
  }
  splitter.push(decoder.end());
  splitter.end();
  const jobs = reader.end();
  const facts = reader.notes.facts(splitter.lines, bytes);
  const { failures: failed, notices } = diagnose(jobs, facts);
  const errors = jobs.flatMap((job) => job.errors()).slice(-SHOWN);
  const verdict = failed.length > 0 ? "explained" : notices.length > 0 && errors.length === 0 ? "noticed" : "unknown";
  const isUnknown = verdict === "unknown";
  return { verdict, log: facts, failures: failed, notices, errors: isUnknown ? errors : [], tail: isUnknown && errors.length === 0 ? reader.tail : [] };
}

/** Lines that are shown of an unknown log. */
const SHOWN = 10;
