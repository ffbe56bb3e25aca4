import type { Value } from "../../shell/values.ts";
import { type Hole, splitText, type Text, type Texts, textOf } from "../text.ts";
import type { Scene } from "./scene.ts";

/** `$(printf 'image@sha256:%s ' *)`: one source for each file of a folder. */
const PRINTF = /^(?:\$\(|`)\s*printf\s+(?:'([^']*)'|"([^"]*)"|(\S+))\s+(.+?)\s*(?:\)|`)$/s;

/** The sources of an index. A `printf` over file names still tells the repository. */
export function sourcesOf(values: readonly Value[], scene: Scene, open: boolean): Texts {
  const { texts } = scene;
  const all = texts.words(values, open);
  const items = values.flatMap((value, i) => printed(value, scene) ?? all.items.slice(i, i + 1));
  return { items, open: all.open, place: all.place };
}

/** Whether a value is such a `printf`: sources and no flags. */
export const isPrinted = ({ pieces: [only, ...others] }: Value): boolean => only?.kind === "unknown" && others.length === 0 && PRINTF.test(only.source);

function printed(value: Value, { texts, step, command }: Scene): Text[] | undefined {
  const [only, ...others] = value.pieces;
  if (only?.kind !== "unknown" || others.length > 0) return undefined;
  const [, single, double, bare, operands] = PRINTF.exec(only.source) ?? [];
  const format = single ?? double ?? bare;
  if (format === undefined || operands === undefined) return undefined;
  const stretches = format.split("%s");
  if (stretches.length !== 2 || /%[^%]/.test(stretches.join(""))) return undefined;
  const place = texts.place(value);
  const each: Hole = { source: `$(echo ${operands})`, atoms: [] };
  const parts = stretches.flatMap((stretch, i) => {
    const filled = filledIn(stretch, single === undefined, { texts, step, command, place });
    return i === 0 ? filled : [each, ...filled];
  });
  return splitText({ parts, place }, /\s+/);
}

/** `$(printf -- '-t %s ' $TAGS)`, also of a list between commas (`${TAGS//,/ }`): a flag for each word of a variable. */
const FLAGS =
  /^(?:\$\(|`)\s*printf\s+(?:--\s+)?(?:'(?:-t|--tag)[ =]%s(?: |\\n)'|"(?:-t|--tag)[ =]%s(?: |\\n)")\s+\$\{?([A-Za-z_]\w*)(?:\/\/,\/ )?\}?\s*(?:\)|`)$/;

/** `$(jq -cr '.tags | map("-t " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON")`, as Docker's documentation has it. */
const FLAGS_OF_METADATA =
  /^\$\(\s*jq\s+(?:-[a-z]+\s+)*'\s*\.tags\s*\|\s*map\(\s*"(?:-t|--tag) "\s*\+\s*\.\s*\)\s*\|\s*join\(" "\)\s*'\s*<<<\s*"?\$\{?DOCKER_METADATA_OUTPUT_JSON\}?"?\s*\)$/;
/** docker/metadata-action leaves its tags there too, one a line. */
const TAGS_OF_METADATA = "DOCKER_METADATA_OUTPUT_TAGS";

/** The tags that a substitution writes as flags; undefined for any other value. What is not known may be several. */
export function flagsPrinted(value: Value, { texts, step, command }: Scene): Texts | undefined {
  const [only, ...others] = value.pieces;
  if (only?.kind !== "unknown" || others.length > 0) return undefined;
  const name = FLAGS_OF_METADATA.test(only.source) ? TAGS_OF_METADATA : FLAGS.exec(only.source)?.[1];
  if (name === undefined) return undefined;
  const place = texts.place(value);
  const held = command.environment(name);
  const text = held.kind === "text" ? texts.pieces(held.pieces, place) : step.variables.get(name);
  const items = text === undefined ? [] : splitText(text, /[\s,]+/);
  return { items, open: text === undefined || items.some(({ parts }) => parts.every((part) => typeof part !== "string")), place };
}

/** Expressions and (outside single quotes) variables of a stretch of the script, filled in. */
function filledIn(
  stretch: string,
  variables: boolean,
  { texts, step, command, place }: Pick<Scene, "texts" | "step" | "command" | "place">,
): readonly (string | Hole)[] {
  const parts: (string | Hole)[] = [];
  let at = 0;
  for (const match of stretch.matchAll(/\$\{\{\s*(.*?)\s*\}\}|\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/gs)) {
    const [whole, expression, variable] = match;
    if (expression === undefined && !variables) continue;
    parts.push(stretch.slice(at, match.index));
    at = match.index + whole.length;
    if (expression !== undefined) parts.push(...step.expression(expression).parts);
    else {
      const held = command.environment(variable ?? "");
      parts.push(
        ...(held.kind === "text" ? texts.pieces(held.pieces, place).parts : (step.variables.get(variable ?? "")?.parts ?? [{ source: whole, atoms: [] }])),
      );
    }
  }
  parts.push(stretch.slice(at).replaceAll("\\n", " "));
  return parts.filter((part) => part !== "");
}

/** Values as texts, undefined where they are not wholly known. */
export const knownTexts = (values: readonly Value[], { texts }: Pick<Scene, "texts">): readonly (string | undefined)[] =>
  values.map((value) => textOf(texts.text(value)));
