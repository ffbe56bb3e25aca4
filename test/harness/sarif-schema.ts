import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import formats from "ajv-formats";

/** Tells what in a document is not as the schema of SARIF 2.1.0 wants it; undefined where that schema is not at hand. */
export function sarifValidator(): ((document: object) => readonly unknown[]) | undefined {
  const schema = sarifSchema();
  if (schema === undefined) return undefined;
  const validate = formats.default(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })).compile(schema);
  return (document) => (validate(JSON.parse(JSON.stringify(document))) ? [] : (validate.errors ?? []));
}

/** From a package that has it, where that is installed; without what its older dialect says of itself. */
function sarifSchema(): object | undefined {
  const path = (() => {
    try {
      return createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    } catch {
      return process.env.MULTIHULL_SARIF_SCHEMA;
    }
  })();
  if (path === undefined || !existsSync(path)) return undefined;
  const { $schema: _dialect, id: _id, ...schema } = JSON.parse(readFileSync(path, "utf8"));
  return schema;
}
