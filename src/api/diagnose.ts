import type { Complaint } from "../core/complaint.ts";
import { byCodeUnit } from "../core/order.ts";
import type { SourceFile } from "../core/span.ts";
import { complaintFindings } from "../findings/complaint-findings.ts";
import { CONFIG_FILE, type Config, readConfig } from "../findings/config.ts";
import type { IgnoredFinding, RuleSummary } from "../findings/doctor-report.ts";
import type { Finding } from "../findings/finding.ts";
import { silence } from "../findings/ignore.ts";
import { ignoreComments } from "../findings/ignore-comments.ts";
import { OWN_RULES } from "../findings/own-rules.ts";
import type { BaseImages } from "../rules/base-images.ts";
import { checkStudy } from "../rules/check.ts";
import { type DockerfileUse, dockerfileUses } from "../rules/dockerfile-use.ts";
import { inOrder } from "../rules/merge.ts";
import { RULES } from "../rules/registry.ts";
import type { Rule } from "../rules/rule.ts";
import { type CollectingReaders, createReaders, type Grammars } from "../simulate/create-readers.ts";
import type { RepositoryFiles } from "../simulate/files.ts";
import { type StudyOptions, studyRepository } from "../simulate/study.ts";
import type { Study } from "../simulate/trace.ts";

/** What is looked at, and for what. */
export interface DiagnoseOptions extends StudyOptions {
  /** Dockerfiles to look at, whether or not a step builds them. */
  readonly dockerfiles?: readonly string[] | undefined;
  /** Ids; empty or absent: every rule. */
  readonly only?: readonly string[] | undefined;
  /** Absent: those of the registry. */
  readonly rules?: readonly Rule[] | undefined;
  /** What registries told; absent: nobody was asked. */
  readonly baseImages?: BaseImages | undefined;
}

/** What the files of a repository lead to, before anything is judged. */
export interface Survey {
  readonly readers: CollectingReaders;
  readonly study: Study;
  /** Its Dockerfiles with their builds. */
  readonly uses: readonly DockerfileUse[];
}

/** All that is wrong in a repository. */
export interface Diagnosis {
  readonly study: Study;
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly config: Config | undefined;
}

/** Every rule there is, also those without a folder. */
export const RULE_SUMMARIES: readonly RuleSummary[] = [
  ...RULES.map(({ meta: { id, summary, severity, confidence } }) => ({ id, summary, severity, confidence, page: `docs/rules/${id}.md` })),
  ...OWN_RULES,
];

/** From files to findings, without a look at anything else: the same files give the same. What `doctor` shows, and what `fix` is proven by. */
export const diagnose = (files: RepositoryFiles, grammars: Grammars, options: DiagnoseOptions): Diagnosis => judge(survey(files, grammars, options), options);

/** The first half of {@link diagnose}: the walk. */
export function survey(files: RepositoryFiles, grammars: Grammars, options: DiagnoseOptions): Survey {
  const readers = createReaders(files, grammars);
  const study = studyRepository(readers, options);
  return { readers, study, uses: dockerfileUses(study, readers, options.dockerfiles) };
}

/** The second half of {@link diagnose}: the rules. */
export function judge({ readers, study, uses }: Survey, options: DiagnoseOptions): Diagnosis {
  const rules = options.rules ?? RULES;
  const only = options.only ?? [];
  const asked = (rule: string): boolean => only.length === 0 || only.includes(rule);
  const chosen = rules.filter((rule) => asked(rule.meta.id));
  const told = checkStudy(study, chosen, readers, options.dockerfiles, options.baseImages);
  const config = configOf(readers.files);
  const complaints = [...study.complaints, ...readers.complaints, ...uses.flatMap(dockerfileComplaints), ...(config?.complaints ?? [])];
  const all = [...told, ...complaintFindings(withoutRepeats(complaints), told).filter(({ rule }) => asked(rule))];
  const comments = sourcesOf(study, uses, all).flatMap(ignoreComments);
  const known = [...rules.map((rule) => rule.meta.id), ...OWN_RULES.map(({ id }) => id)];
  const { findings, ignored } = silence(all, [...comments, ...(config?.ignores ?? [])], known, asked);
  const ofIgnores = findings.filter((finding) => all.includes(finding) || asked(finding.rule));
  return { study, findings: [...ofIgnores].sort(inOrder), ignored: [...ignored].sort((a, b) => inOrder(a.finding, b.finding)), config };
}

function configOf(files: RepositoryFiles): Config | undefined {
  const read = files.read(CONFIG_FILE);
  return read.kind === "text" ? readConfig(read.file) : undefined;
}

/** Of a file for another frontend than Docker's nothing can be said; what BuildKit takes with a warning is no mistake. */
function dockerfileComplaints({ dockerfile }: DockerfileUse): readonly Complaint[] {
  const frontend = dockerfile.directives.syntax?.text;
  if (frontend !== undefined && !/(?:^|\/)docker(?:file)?\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(frontend)) return [];
  return dockerfile.complaints.filter(({ severity }) => severity === "error");
}

function withoutRepeats(complaints: readonly Complaint[]): readonly Complaint[] {
  const byText = new Map(complaints.map((one) => [`${one.place.file.name}\n${one.place.span.start}\n${one.place.span.end}\n${one.message}`, one]));
  return [...byText.values()];
}

/** The files in which comments can silence something. */
function sourcesOf(study: Study, uses: readonly DockerfileUse[], findings: readonly Finding[]): readonly SourceFile[] {
  const files = [...study.workflows.map(({ file }) => file), ...uses.map(({ dockerfile }) => dockerfile.file), ...findings.map(({ place }) => place.file)];
  return [...new Map(files.map((file) => [file.name, file])).values()].sort((a, b) => byCodeUnit(a.name, b.name));
}
