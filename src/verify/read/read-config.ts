import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type Fields, readJsonObject } from "../../image/json.ts";
import { parseConfig } from "../../image/parse.ts";
import type { ReadConfig } from "../subject.ts";
import type { DocumentReader } from "./document-reader.ts";
import { faultOf } from "./faults.ts";

/** Reads a config. One that lacks its platform, which Docker starts all the same, has a `value` with an empty one. */
export async function readConfig(reader: DocumentReader, descriptor: Descriptor, where: string): Promise<ReadConfig> {
  const { bytes, problem } = await reader.blob(descriptor);
  const nothing = { where, descriptor, fields: undefined, value: undefined };
  if (bytes === undefined || problem !== undefined) return { ...nothing, problem };
  const json = await faultOf(() => readJsonObject(bytes, `config ${descriptor.digest}`));
  if ("problem" in json) return { ...nothing, problem: json.problem };
  const fields = json.value;
  const strict = await faultOf(() => parseConfig(bytes));
  if ("value" in strict) return { ...nothing, fields, value: strict.value, problem: undefined };
  const lenient = await faultOf(() => withoutPlatform(fields));
  return { ...nothing, fields, value: "value" in lenient ? lenient.value : undefined, problem: strict.problem };
}

function withoutPlatform(fields: Fields): ImageConfig {
  return parseConfig(Buffer.from(JSON.stringify({ ...fields, os: fields.os ?? "", architecture: fields.architecture ?? "" })));
}
