import { readFileSync } from "node:fs";
import { join } from "node:path";
import { doctor } from "../src/api/doctor.ts";
import { findingsText } from "../src/report/findings/text.ts";

/** So that the page stays the same from day to day. */
const AS_OF = "2026-11-22";
const BLOCK = /(?<=\n```text\n\$ multihull doctor\n)[\s\S]*?(?=\n```\n)/;

/** README.md with what `doctor` prints of the bundled example. */
export async function readmeWithExample(root: string): Promise<string> {
  const page = readFileSync(join(root, "README.md"), "utf8");
  if (!BLOCK.test(page)) throw new Error("README.md has no block that begins with `$ multihull doctor`");
  const report = await doctor({ path: join(root, "examples/operator"), asOf: AS_OF });
  const printed = findingsText({ ...report, root: "." });
  return page.replace(BLOCK, () => printed);
}
