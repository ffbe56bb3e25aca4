import type { Complaint } from "../core/complaint.ts";
import type { ShellGrammar } from "../shell/grammar.ts";
import type { RepositoryFiles } from "./files.ts";

/** What the walk reads files with. One for a whole study: what was read is kept. */
export interface Readers {
  readonly files: RepositoryFiles;
  /** Undefined where the files hold no script worth reading (loading takes 0.1 s); scripts are then doubts of nothing. */
  readonly shell: ShellGrammar | undefined;
  /** Takes mistakes of files that are read on the way (bake files, Makefiles, actions); the same one twice is told once. */
  complain(complaints: readonly Complaint[]): void;
}
