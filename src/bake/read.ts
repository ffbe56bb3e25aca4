import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import { parseYaml } from "../yaml/parse.ts";
import type { BakeContent, BakeFile } from "./bake-file.ts";
import type { BakeBody } from "./body.ts";
import { readHclBody } from "./hcl/body.ts";
import { BakeSyntaxError } from "./hcl/cursor.ts";
import { readJsonBody } from "./json/body.ts";

/** Real bake files have up to 30 kB. */
const LARGEST_FILE = 2 * 1024 * 1024;
const EMPTY: BakeBody = { attributes: [], blocks: [] };

/**
 * Reads a bake file as Buildx tells its form: by name (`.hcl`, `.json`, `.yml`, `.yaml`), else by what can be read. Never throws: mistakes are
 * among its complaints, and a file that cannot be read is empty.
 */
export function readBakeFile(file: SourceFile): BakeFile {
  const name = file.name.toLowerCase();
  if (file.text.length > LARGEST_FILE) {
    const message = `the file has ${file.text.length} characters, more than the ${LARGEST_FILE} that we read`;
    return { file, content: { form: "hcl", body: EMPTY }, complaints: [problem(file, message, { start: 0, end: 0 }, "limit-exceeded")] };
  }
  if (name.endsWith(".yml") || name.endsWith(".yaml")) return compose(file);
  if (name.endsWith(".json")) return attempt(file, "json");
  if (name.endsWith(".hcl")) return attempt(file, "hcl");
  // Buildx takes a nameless file as compose when it is a sound one, then as HCL, then as JSON.
  const yaml = compose(file);
  if (
    yaml.complaints.length === 0 &&
    yaml.content.form === "compose" &&
    yaml.content.root?.kind === "mapping" &&
    yaml.content.root.entries.some(({ key }) => key.text === "services")
  )
    return yaml;
  const hcl = attempt(file, "hcl");
  if (hcl.complaints.length === 0) return hcl;
  const json = attempt(file, "json");
  return json.complaints.length === 0 ? json : hcl;
}

function compose(file: SourceFile): BakeFile {
  const { root, complaints } = parseYaml(file);
  const content: BakeContent = { form: "compose", root };
  return { file, content, complaints };
}

function attempt(file: SourceFile, form: "hcl" | "json"): BakeFile {
  try {
    return { file, content: { form, body: form === "json" ? readJsonBody(file) : readHclBody(file) }, complaints: [] };
  } catch (error) {
    if (!(error instanceof BakeSyntaxError)) throw error;
    return { file, content: { form, body: EMPTY }, complaints: [problem(file, error.message, error.span, error.code)] };
  }
}

const problem = (file: SourceFile, message: string, span: BakeSyntaxError["span"], code: BakeSyntaxError["code"]): Complaint => ({
  code,
  severity: "error",
  message,
  place: { file, span },
});
