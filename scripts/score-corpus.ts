import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/** A state of a repository, as far as the corpus has it. */
export interface Sample {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The file that the sample is about. */
  readonly path: string;
  readonly asOf: string;
  /** Remarks on defects that are in it, whatever else the corpus says. */
  readonly remarks: readonly string[];
}

export interface Pair {
  readonly kind: string;
  readonly alsoKinds: readonly string[];
  readonly jobs: readonly string[];
  readonly steps: readonly { readonly job: string; readonly index: number }[];
  readonly before: Sample;
  readonly after: Sample;
}

/** The day for files that tell none: about when they were gathered. */
const GATHERED = "2026-08-21";

const lines = (path: string): readonly Record<string, unknown>[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `pairs/`: files before and after they were mended. */
export function readPairs(corpus: string): readonly Pair[] {
  return lines(join(corpus, "pairs/index.jsonl")).map(({ id }) => pairIn(join(corpus, "pairs", text(id))));
}

function pairIn(folder: string): Pair {
  const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as Record<string, unknown>;
  const named = meta.files as { readonly before: string; readonly after: string };
  const sample = (state: "before" | "after"): Sample => ({
    name: `${text(meta.id)} ${state}`,
    files: { ...filesBelow(join(folder, "context", state)), [text(meta.path)]: readFileSync(join(folder, named[state]), "utf8") },
    path: text(meta.path),
    asOf: text(meta.date),
    remarks: state === "after" ? texts(meta.residual_in_after) : [],
  });
  const steps = (Array.isArray(meta.defect_steps) ? meta.defect_steps : []) as readonly { readonly job?: string; readonly step_index?: number }[];
  return {
    kind: text(meta.defect_kind),
    alsoKinds: texts(meta.also_kinds),
    jobs: texts(meta.defect_jobs),
    steps: steps.flatMap(({ job, step_index: index }) => (job === undefined || index === undefined ? [] : [{ job, index }])),
    before: sample("before"),
    after: sample("after"),
  };
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path), "utf8")]));
}

/** `wild/`: files as they stand, with what they refer to. */
export function readWild(corpus: string): readonly Sample[] {
  const others = new Map<string, { readonly path: string; readonly text: string; readonly remark: string }>();
  for (const row of lines(join(corpus, "dockerfiles/index.jsonl"))) {
    const at = join(corpus, "dockerfiles", text(row.file));
    others.set(text(row.file), { path: text(row.path), text: readFileSync(at, "utf8"), remark: text(row.known_defect) });
  }
  const context = join(corpus, "wild_context");
  for (const name of existsSync(context) ? readdirSync(context) : []) {
    // OWNER__REPOSITORY__FOLDER--FILE
    const path = name.split("__").slice(2).join("__").replaceAll("--", "/");
    others.set(name, { path, text: readFileSync(join(context, name), "utf8"), remark: "" });
  }
  return lines(join(corpus, "wild/index.jsonl")).map((row) => {
    const referred = [...texts(row.context), ...texts(row.dockerfiles)].flatMap((name) => others.get(name) ?? []);
    return {
      name: text(row.file),
      files: {
        ...Object.fromEntries(referred.map((file) => [file.path, file.text])),
        [text(row.path)]: readFileSync(join(corpus, "wild", text(row.file)), "utf8"),
      },
      path: text(row.path),
      asOf: GATHERED,
      remarks: [...texts(row.known_defects), ...referred.flatMap(({ remark }) => (remark === "" ? [] : [remark]))],
    };
  });
}
