import { exactText, replaceTexts, type TextChange, withMark } from "../adapters/node/edit-files.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { byCodeUnit } from "../core/order.ts";
import { ProblemError } from "../core/problem.ts";
import type { RunnersReport } from "../fix/runners-report.ts";
import { unifiedDiff } from "../fix/unified-diff.ts";
import { dayOf } from "./day.ts";
import type { RunnersRequest } from "./fix-runners.ts";
import { isEditable } from "./mend.ts";
import { planRunners } from "./plan-runners.ts";
import { openTarget } from "./target.ts";

/** What `fix --runners` does. */
export async function changeRunners(request: RunnersRequest, world: World = nodeWorld()): Promise<RunnersReport> {
  const { runners, jobs = [] } = request;
  const asOf = dayOf(request.asOf, world.clock);
  const { root, files, grammars, paths, dockerfiles } = await openTarget(request.path ?? ".");
  const choice = { runners, jobs, canEdit: (path: string) => isEditable(root, path) };
  const { made, refused, texts } = planRunners(files, grammars, { asOf, paths, dockerfiles }, choice);
  const unknown = jobs.find((id) => ![...made, ...refused].some(({ job }) => job === id));
  if (unknown !== undefined) throw new ProblemError("usage", { message: `there is no job "${unknown}"`, hint: "name it by its key below `jobs:`" });
  const changes = [...texts.keys()].sort(byCodeUnit).map((path): TextChange => withMark(exactText(root, path), path, texts.get(path) ?? ""));
  const written = request.write === true && changes.length > 0;
  if (written) replaceTexts(root, changes);
  return {
    root,
    asOf,
    runners,
    made,
    refused,
    files: changes.map((change) => ({ path: change.path, diff: unifiedDiff(change.path, change.before, change.after) })),
    written,
    failed: refused.length > 0 && (jobs.length > 0 || made.length === 0),
  };
}
