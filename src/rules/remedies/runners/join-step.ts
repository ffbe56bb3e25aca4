import type { Step } from "../../../workflow/model.ts";
import { scalarOf } from "../../../workflow/tree.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { actionOf, inputText, stepsNamed } from "./step-words.ts";
import { COLLECTED } from "./steps-made.ts";

/** What a step that joins digests says of the image. */
export interface Joined {
  /** As the input `tags` takes them. */
  readonly tags: string;
  /** As the input `annotations` takes them; undefined without any. */
  readonly annotations: string | undefined;
  /** A step of docker/metadata-action that has no id, and needs one for its tags. */
  readonly unnamed: Step | undefined;
}

const CREATE = /\bdocker\s+buildx\s+imagetools\s+create\b((?:\\\r?\n|[^\n])*)/g;
const FLAGS_OF_VARIABLE = /\$\(\s*printf\s+(?:--\s+)?["'](?:-t|--tag)[ =]%s(?: |\\n)["']\s+\$\{?(\w+)(?:\/\/,\/ )?\}?\s*\)/;
const FLAGS_OF_METADATA = /\$\(\s*jq\s[^\n]*?\.tags\b[^\n]*?DOCKER_METADATA_OUTPUT_JSON"?\s*\)/;
const FLAG = /(?:^|\s)(?:-t|--tag)[ =]("[^"]+"|'[^']+'|(?:\$\{\{.*?\}\}|[^\s"'])+)/g;

/** Reads the script that joins digests; refused where it says more than tags and digests. */
export function readJoin(step: Step, before: readonly Step[]): Joined | Refusal {
  const script = step.run?.text ?? "";
  const [create, ...others] = [...script.matchAll(CREATE)].map(([, words = ""]) => words);
  if (create === undefined || others.length > 0) return refuse("the step that joins the digests is not understood");
  const stranger = script
    .replace(CREATE, "")
    .split("\n")
    .find((line) => !HARMLESS.test(line));
  if (stranger !== undefined) return refuse(`the step that joins the digests does something else too: "${stranger.trim()}"`);
  const annotations = create.includes(COLLECTED) ? scalarOf(step.env, "ANNOTATIONS")?.text : undefined;
  if (/--annotation\b/.test(create)) return refuse("the step that joins the digests annotates the image in a way that is not understood");
  const variable = FLAGS_OF_VARIABLE.exec(create)?.[1];
  if (variable !== undefined) {
    const tags = scalarOf(step.env, variable);
    return tags === undefined ? refuse(`nobody knows which tags "$${variable}" holds`) : { tags: tags.text, annotations, unnamed: undefined };
  }
  if (FLAGS_OF_METADATA.test(create)) {
    const [named] = stepsNamed(scalarOf(step.env, "DOCKER_METADATA_OUTPUT_JSON")?.text ?? "");
    const meta = before.findLast((one) => actionOf(one) === "docker/metadata-action" && (named === undefined || one.id?.text.toLowerCase() === named));
    if (meta === undefined || inputText(meta, "sep-tags") !== undefined)
      return refuse("no docker/metadata-action stands before the step that joins the digests");
    return { tags: `\${{ steps.${meta.id?.text ?? "meta"}.outputs.tags }}`, annotations, unnamed: meta.id === undefined ? meta : undefined };
  }
  const tags = [...create.matchAll(FLAG)].map(([, word = ""]) => word.replace(/^["']|["']$/g, ""));
  if (tags.length === 0 || tags.some((tag) => /\$(?!\{\{)|`/.test(tag))) return refuse("nobody knows under which tags the digests are joined");
  return { tags: tags.length === 1 ? (tags[0] as string) : `${tags.join("\n")}\n`, annotations, unnamed: undefined };
}

/** Lines beside the command itself that only count digests, look at the image, or collect annotations as our own steps do. */
const HARMLESS =
  /^\s*(?:#.*|set\s+-\S+.*|cd\s+\S+|ls\b.*|\[ "\$\(ls \| wc -l\)" -eq \d+ \](?: \|\| \{ echo "[^"$`]*"; exit 1; \})?|docker\s+buildx\s+imagetools\s+inspect\b.*|annotations=\(\)|while IFS= read -r line; do \[\[ "\$line" != index:\* \]\] .*|for tag in \$\{TAGS\/\/,\/ \}; do break; done|echo "digest=\$\(docker buildx imagetools inspect .*)?\s*$/;
