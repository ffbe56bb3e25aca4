import { parseDigest } from "../core/digest.ts";
import { type GitAddress, parseGitAddress, withoutSecrets } from "../core/git-address.ts";
import { ProblemError } from "../core/problem.ts";
import type { TransferInstruction, Word } from "../dockerfile/ast.ts";
import { checkChmod } from "./chmod.ts";
import type { CopySource, FileSystem, Owner, VertexId } from "./graph.ts";
import { parseOwner } from "./owner.ts";
import { destinationPath, leadsOut, sourcePath } from "./paths.ts";
import { type PlanScope, stepLabel } from "./scope.ts";
import { contextVertex, gitVertex, httpVertex } from "./source-vertices.ts";
import type { Command, StageNode } from "./stage-node.ts";
import type { StageState } from "./stage-state.ts";
import type { StepLabel } from "./vertices.ts";

/** To ADD, `github.com/ORG/REPO` is a path. */
const IN_ADD = { shorthand: false, code: "dockerfile-semantics" } as const;

/**
 * Plans the layer of a COPY or ADD whose words are expanded. Undefined when its source is a stage or image that could not be had, which is told elsewhere.
 * @throws {ProblemError} `dockerfile-semantics` | `digest-malformed`
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert_copy.go, read 2026-11-22
 */
export function planTransfer(instruction: TransferInstruction, command: Command, node: StageNode, state: StageState, scope: PlanScope): VertexId | undefined {
  const { os } = state.platform;
  const destination = destinationPath(state.config.WorkingDir ?? "", instruction.destination.text, os);
  const owner = checked(instruction.chown, (text) => linkedOwner(parseOwner(text), instruction.link), command, scope);
  const chmod = checked(instruction.chmod, checkChmod, command, scope);
  const files = instruction.kind === "copy" && instruction.from !== undefined ? filesBehind(command.sources[0], node) : "context";
  if (files === undefined) return undefined;

  const label = stepLabel(node, command, state, scope);
  const sources = [...readSources(instruction, files, command, label, state, scope), ...inlineFiles(instruction)];
  const operation = {
    destination,
    ...(owner === undefined ? {} : { owner }),
    ...(chmod === undefined ? {} : { chmod }),
    // BuildKit gives up --link where --chmod stands beside it.
    link: instruction.link && chmod === undefined,
    parents: instruction.parents,
    exclude: instruction.exclude.map(({ text }) => text),
  };
  const identity = sources.map((source) => ("written" in source ? { ...source, written: undefined } : source));
  const draft = { kind: "copy", ...operation, sources, place: command.place } as const;
  return scope.vertices.add({ copy: { ...operation, sources: identity } }, draft, label, scope.noCache(node));
}

/** A layer that does not look at what is below it has no passwd to find names in; BuildKit 0.34 refuses them too, earlier ones took root. */
function linkedOwner(owner: Owner | undefined, link: boolean): Owner | undefined {
  const name = [owner?.user, owner?.group].find((one) => one !== undefined && !/^\d+$/.test(one));
  if (!link || name === undefined) return owner;
  throw refused(`--chown has the name "${name}" beside --link, where no passwd and no group file can be looked at`, "give numbers, or take --link away");
}

/** What `check` makes of a flag's text; a problem is told at the flag, and the rest is looked at. */
function checked<T>(flag: Word | undefined, check: (text: string) => T, command: Command, { dockerfile, complaints }: PlanScope): T | undefined {
  if (flag === undefined || flag.text === "") return undefined;
  // A trigger's spans are in a text that nobody sees.
  const place = command.onbuild ? command.place : { file: dockerfile.file, span: flag.span };
  return complaints.attempt(place, () => check(flag.text));
}

/** Files of the stage or image that --from names. */
function filesBehind(source: StageNode | undefined, node: StageNode): VertexId | FileSystem | undefined {
  if (source === undefined) return undefined;
  if (!source.done && source.index !== undefined && node.index !== undefined && source.index > node.index) {
    throw new ProblemError("dockerfile-semantics", {
      message: `--from names the stage "${source.label}", which stands further down`,
      hint: `move that stage above "${node.label}"`,
    });
  }
  return source.state === undefined ? undefined : sourceFiles(source.state.files);
}

/** A file system as a source: the vertex alone where nothing lies on it. */
export const sourceFiles = (files: FileSystem): VertexId | FileSystem => (files.base !== undefined && files.layers.length === 0 ? files.base : files);

function readSources(
  instruction: TransferInstruction,
  files: VertexId | FileSystem | "context",
  command: Command,
  { platform }: StepLabel,
  state: StageState,
  scope: PlanScope,
): CopySource[] {
  const isAdd = instruction.kind === "add";
  const addresses = instruction.sources.map(({ text }) => ({ text, git: parseGitAddress(text, IN_ADD), http: /^https?:\/\//.test(text) }));
  checkChecksum(instruction, addresses);
  const found: CopySource[] = [];
  let local: { from: VertexId | FileSystem; paths: string[]; written: string[]; unpack: boolean } | undefined;
  for (const { text, git, http } of addresses) {
    if (git !== undefined || http) {
      if (!isAdd) throw refused(`COPY cannot bring "${withoutSecrets(text)}"`, "use ADD for what comes over the network");
      found.push(git === undefined ? httpSource(text, instruction, command, platform, scope) : gitSource(git, instruction, command, platform, scope));
      local = undefined;
      continue;
    }
    if (local === undefined) {
      local = { from: files === "context" ? contextVertex(scope.vertices) : files, paths: [], written: [], unpack: isAdd && instruction.unpack !== false };
      found.push(local);
    }
    if (files === "context" && leadsOut(text)) {
      scope.complaints.warn(
        command.place,
        `"${text}" leads out of the build context; "${sourcePath(text, state.platform.os)}" inside it is taken, as BuildKit does`,
      );
    }
    local.paths.push(instruction.parents ? pivotPath(text, state.platform.os) : sourcePath(text, state.platform.os));
    local.written.push(text);
  }
  return found;
}

/** `ROOT/./PATTERN` for --parents. */
function pivotPath(text: string, os: string): string {
  const at = text.indexOf("/./");
  const root = at === -1 ? "/" : sourcePath(text.slice(0, at), os);
  const pattern = sourcePath(at === -1 ? text : text.slice(at + 3), os);
  return `${root === "/" ? "" : root}/.${pattern}`;
}

function httpSource(url: string, instruction: TransferInstruction, command: Command, platform: string, scope: PlanScope): CopySource {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  const checksum = checked(instruction.checksum, parseDigest, command, scope);
  const remote = httpVertex(scope.vertices, url, checksum, command.place, platform);
  return { remote, name: fileName(path), unpack: instruction.unpack === true };
}

/** Last part of an address's path; BuildKit's own word where there is none. */
function fileName(path: string): string {
  let plain = path;
  try {
    plain = decodeURIComponent(path);
  } catch {
    // A stray percent sign stands for itself.
  }
  const name = plain.split("/").findLast((part) => part !== "") ?? "";
  return name === "" || name === "." || name === ".." ? "__unnamed__" : name;
}

function gitSource(address: GitAddress, instruction: TransferInstruction, command: Command, platform: string, { vertices }: PlanScope): CopySource {
  const { keepGitDir = address.keepGitDir } = instruction;
  if (address.keepGitDir !== undefined && address.keepGitDir !== keepGitDir) {
    throw refused("--keep-git-dir and the git address contradict each other", "leave one of them out");
  }
  const checksum = instruction.checksum?.text || address.checksum;
  if (address.checksum !== undefined && address.checksum !== checksum) {
    throw refused(`--checksum has "${checksum}", the git address has "${address.checksum}"`, "leave one of them out");
  }
  const whole = { ...address, ...(keepGitDir === undefined ? {} : { keepGitDir }), ...(checksum === undefined ? {} : { checksum }) };
  return { remote: gitVertex(vertices, whole, command.place, platform), name: "", unpack: false };
}

function checkChecksum(instruction: TransferInstruction, addresses: readonly { readonly git: GitAddress | undefined; readonly http: boolean }[]): void {
  if (!instruction.checksum?.text) return;
  if (instruction.kind === "copy") throw refused("COPY has --checksum, which only ADD can have", "use ADD, or take the flag away");
  if (addresses.length !== 1) throw refused("--checksum stands beside several sources", "add each of them by an ADD of its own");
  if (addresses.every(({ git, http }) => git === undefined && !http)) {
    throw refused("--checksum stands beside a local source", "it is for sources from http(s) and git; take the flag away");
  }
}

const inlineFiles = ({ heredocs }: TransferInstruction): CopySource[] => heredocs.map(({ content, name }) => ({ inline: content, name }));

const refused = (message: string, hint: string): ProblemError => new ProblemError("dockerfile-semantics", { message, hint });
