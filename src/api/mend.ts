import { exactText, replaceTexts, type TextChange, withMark } from "../adapters/node/edit-files.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { byCodeUnit } from "../core/order.ts";
import { isProblem } from "../core/problem.ts";
import { failsAt } from "../findings/severity.ts";
import { planFixes } from "../fix/plan.ts";
import type { Check } from "../fix/prove.ts";
import type { FixReport } from "../fix/report.ts";
import { unifiedDiff } from "../fix/unified-diff.ts";
import { overlayFiles } from "../simulate/overlay-files.ts";
import { dayOf } from "./day.ts";
import { type DiagnoseOptions, type Diagnosis, diagnose, judge, survey } from "./diagnose.ts";
import type { FixRequest } from "./fix.ts";
import { askOnline } from "./online.ts";
import { checkRule, openTarget } from "./target.ts";

/** What `fix` does. */
export async function mend(request: FixRequest, world: World = nodeWorld()): Promise<FixReport> {
  const asOf = dayOf(request.asOf, world.clock);
  for (const rule of request.rules ?? []) checkRule(rule);
  const { root, files, grammars, paths, dockerfiles } = await openTarget(request.path ?? ".");
  const asked: DiagnoseOptions = { asOf, paths, dockerfiles };
  const seen = survey(files, grammars, asked);
  // What a registry told once holds for every proof.
  const { images, unreached } = await askOnline(seen, request, world);
  const options: DiagnoseOptions = { ...asked, baseImages: images };
  const look = (texts: ReadonlyMap<string, string>): Diagnosis => diagnose(overlayFiles(files, texts), grammars, options);
  const read = (path: string): string | undefined => {
    const found = files.read(path);
    return found.kind === "text" && isEditable(root, path) ? found.file.text : undefined;
  };
  const before = judge(seen, options);
  const check: Check = (texts) => (texts.size === 0 ? before : look(texts)).findings;
  const { applied, texts, remaining } = planFixes(read, check, request);
  const changed = [...texts.keys()].sort(byCodeUnit);
  const changes = changed.map((path): TextChange => withMark(exactText(root, path), path, texts.get(path) ?? ""));
  const written = request.write === true && changes.length > 0;
  if (written) replaceTexts(root, changes);
  const left = remaining.map(({ finding }) => finding);
  const wrong = written ? left : [...left, ...applied.map(({ finding }) => finding)];
  return {
    root,
    asOf,
    applied,
    remaining,
    files: changes.map((change) => ({ path: change.path, diff: unifiedDiff(change.path, change.before, change.after) })),
    written,
    unreached,
    failed: failsAt(wrong, before.config?.failOn ?? "error"),
  };
}

/** What could not be written back as it is, is not mended. */
export function isEditable(root: string, path: string): boolean {
  try {
    exactText(root, path);
    return true;
  } catch (error) {
    if (isProblem(error)) return false;
    throw error;
  }
}
