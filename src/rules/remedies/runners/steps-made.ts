import type { Job } from "../../../workflow/model.ts";
import type { YamlPatch } from "../../../yaml/patch.ts";
import type { PlainValue } from "../../../yaml/render.ts";
import type { Route } from "../../../yaml/route.ts";
import type { Spread } from "./native.ts";

/** Annotations that a script of ours has collected, as words of its command. */
export const COLLECTED = `"\${annotations[@]}"`;

/** A step to be put in; its keys in the order in which they are written. */
export type MadeStep = { readonly [key: string]: PlainValue };

/** Whether most steps of a job have names, so that new ones have too. */
export const namedSteps = ({ steps }: Job): boolean => steps.filter(({ name }) => name !== undefined).length * 2 >= steps.length;

/** Steps at a place of a job's list. A comment is that of a pinned commit, behind the `uses` of the step that has one. */
export function stepPatches(route: Route, index: number, steps: readonly MadeStep[], named: boolean, comment: string | undefined): readonly YamlPatch[] {
  return steps.flatMap((step, i): readonly YamlPatch[] => {
    // A script without a name is shown by its first line.
    const value = named || step.run !== undefined ? step : Object.fromEntries(Object.entries(step).filter(([key]) => key !== "name"));
    const insert: YamlPatch = { op: "insert", at: route, index: index + i, value };
    return comment === undefined || step.uses === undefined ? [insert] : [insert, { op: "comment", at: [...route, index + i, "uses"], text: comment }];
  });
}

/** The image's name without its tag, where only the run tells the tags. */
export function askImage(spread: Spread, when: { readonly if?: string }): MadeStep {
  const { imageId, tags } = spread;
  return {
    name: "Name of the image",
    id: imageId,
    ...when,
    ...runsIn(spread),
    env: { TAGS: listOf(tags) },
    run: `for tag in \${TAGS//,/ }; do break; done\ncase "\${tag##*/}" in *:*) tag="\${tag%:*}" ;; esac\necho "name=$tag" >> "$GITHUB_OUTPUT"\n`,
  };
}

/** Our scripts are bash's, and may run where nothing was checked out, whatever the defaults are. */
export function runsIn({ emulated: { job }, workflow }: Spread): { readonly [key: string]: string } {
  const [shell, folder] = [job.defaults.shell ?? workflow.defaults.shell, job.defaults.workingDirectory ?? workflow.defaults.workingDirectory];
  return { ...(shell === undefined ? {} : { shell: "bash" }), ...(folder === undefined ? {} : { "working-directory": `\${{ runner.temp }}` }) };
}

/** One on a line; a single one as it is. */
export const listOf = (items: readonly string[]): string => (items.length === 1 ? (items[0] as string) : `${items.join("\n")}\n`);
