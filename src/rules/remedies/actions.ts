import type { SourceFile } from "../../core/span.ts";
import { actionFacts, inputsOfMajor, newestVersion, type Release } from "../../facts/actions.ts";
import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import type { YamlPatch } from "../../yaml/patch.ts";
import { commentsIn, entryOf, type YamlNode, type YamlScalar } from "../../yaml/tree.ts";
import { layoutOf, mappingOf, scalarIn } from "./layout.ts";
import { yamlEdit } from "./yaml-edit.ts";

/** What stands behind `uses:`, with the comment behind it. */
export interface Pinned {
  readonly uses: string;
  readonly comment: string | undefined;
}

/** How far a `uses` tells which release it means. */
type PinStyle = "commit" | "full" | "minor" | "major";

const REMOTE = /^([\w.-]+\/[\w./-]+)@(\S+)$/;
const VERSION = /^v?\d+(\.\d+)?(\.\d+)?$/;

/**
 * The newest release of an action at a date, written as the file writes its actions: `v4`, `v4.1.0`, or a commit with the version behind it.
 * Undefined for an action we have no facts of.
 */
export function newestAs(file: SourceFile, action: string, asOf: string): Pinned | undefined {
  const release = newestVersion(action, asOf);
  return release && pinned(action, release, fileStyle(file), "v");
}

type OfStep<T> = (step: StepPlace, asOf: string, major?: number) => T;

/** Every walk of a job comes by the same steps. */
function oncePerStep<T>(make: OfStep<T>): OfStep<T> {
  const known = new WeakMap<SourceFile, Map<string, T>>();
  return (step, asOf, major) => {
    const ofFile = known.get(step.file) ?? new Map<string, T>();
    known.set(step.file, ofFile);
    const key = `${step.route.join("/")} ${asOf} ${major}`;
    if (!ofFile.has(key)) ofFile.set(key, make(step, asOf, major));
    return ofFile.get(key) as T;
  };
}

/**
 * Another release of the step's action in the style of its own `uses`: the newest of `major`, or of all when it is undefined.
 * Undefined when it is that already, when nobody knows it, or when the step follows a branch.
 */
export const bumpAction = oncePerStep((step, asOf, major): FileEdit | undefined => {
  const uses = scalarIn(mappingOf(step), "uses");
  const [, action, ref] = REMOTE.exec(uses?.text.trim() ?? "") ?? [];
  if (uses === undefined || action === undefined || ref === undefined) return undefined;
  const style = styleOf(ref);
  const release = releaseOf(action, asOf, major);
  if (style === undefined || release === undefined) return undefined;
  const next = pinned(action, release, style, style === "commit" || ref.startsWith("v") ? "v" : "");
  if (next.uses === uses.text.trim()) return undefined;
  const at = [...step.route, "uses"];
  const patches: YamlPatch[] = [{ op: "set", at, value: next.uses }];
  const comment = style === "commit" ? versionComment(step.file, uses, release) : undefined;
  if (comment !== undefined) patches.push({ op: "comment", at, text: comment });
  return yamlEdit(step, ...patches);
});

/** Inputs that the step gives and that the release of {@link bumpAction} does not know any more, as written: they have to be renamed or taken out with it. */
export const inputsLost = oncePerStep((step, asOf, major): readonly string[] => {
  const mapping = mappingOf(step);
  const action = REMOTE.exec(scalarIn(mapping, "uses")?.text.trim() ?? "")?.[1]?.toLowerCase();
  const release = action === undefined ? undefined : releaseOf(action, asOf, major);
  const given = mapping && entryOf(mapping, "with")?.value;
  if (action === undefined || release === undefined || given?.kind !== "mapping") return [];
  const known = inputsOfMajor(action, Number(/\d+/.exec(release.tag)?.[0]));
  if (known === undefined) return [];
  return given.entries.map(({ key }) => key.text).filter((name) => !known.some((input) => input.name === name.toLowerCase()));
});

function releaseOf(action: string, asOf: string, major: number | undefined): Release | undefined {
  const name = action.toLowerCase();
  if (major === undefined) return newestVersion(name, asOf);
  const facts = actionFacts(name)?.majors.find((one) => one.major === major);
  return [facts?.last, facts?.first].find((release) => release !== undefined && release.date <= asOf);
}

/** A release in a style; its whole version where the style wants a commit and nobody knows it. */
function pinned(action: string, release: Release, style: PinStyle, prefix: string): Pinned {
  const parts = release.tag.replace(/^v/, "").split(".");
  if (style === "commit" && release.commit !== undefined) return { uses: `${action}@${release.commit}`, comment: release.tag };
  const count = { commit: 3, full: 3, minor: 2, major: 1 }[style];
  return { uses: `${action}@${prefix}${parts.slice(0, count).join(".")}`, comment: undefined };
}

/** The comment behind a commit, with the new version in place of the old one. */
function versionComment(file: SourceFile, uses: YamlScalar, release: Release): string {
  const lineEnd = file.text.indexOf("\n", uses.span.end);
  const [comment] = commentsIn(layoutOf(file).comments, { start: uses.span.end, end: lineEnd === -1 ? file.text.length : lineEnd });
  const there = comment?.text.replace(/^#\s*/, "").trimEnd() ?? "";
  const version = /(v?)\d+(?:\.\d+)*(?![\w.])/.exec(there);
  if (version === null) return there === "" ? release.tag : `${release.tag} ${there}`;
  return there.slice(0, version.index) + (version[1] ?? "") + release.tag.replace(/^v/, "") + there.slice(version.index + version[0].length);
}

function styleOf(ref: string): PinStyle | undefined {
  if (/^[0-9a-f]{40}$/i.test(ref)) return "commit";
  const version = VERSION.exec(ref);
  if (version === null) return undefined;
  return version[2] !== undefined ? "full" : version[1] !== undefined ? "minor" : "major";
}

const styles = new WeakMap<SourceFile, PinStyle>();

/** The style that most of a file's actions have; by their majors where none has the most. */
function fileStyle(file: SourceFile): PinStyle {
  const known = styles.get(file);
  if (known !== undefined) return known;
  const counts = { major: 0, commit: 0, full: 0, minor: 0 };
  const visit = (node: YamlNode): void => {
    if (node.kind === "sequence") node.items.forEach(visit);
    if (node.kind !== "mapping") return;
    for (const { key, value } of node.entries) {
      const ref = key.text === "uses" && value.kind === "scalar" ? REMOTE.exec(value.text.trim())?.[2] : undefined;
      const style = ref === undefined ? undefined : styleOf(ref);
      if (style === undefined) visit(value);
      else counts[style]++;
    }
  };
  const { root } = layoutOf(file);
  if (root !== undefined) visit(root);
  const [[style]] = (Object.entries(counts) as [PinStyle, number][]).toSorted((a, b) => b[1] - a[1]) as [[PinStyle, number]];
  styles.set(file, style);
  return style;
}
