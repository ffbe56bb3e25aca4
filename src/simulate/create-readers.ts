import type { Complaint } from "../core/complaint.ts";
import type { ShellGrammar } from "../shell/grammar.ts";
import type { RepositoryFiles } from "./files.ts";
import type { Readers } from "./readers.ts";

export interface Grammars {
  readonly shell?: ShellGrammar | undefined;
}

/** Readers that remember what was complained about. */
export interface CollectingReaders extends Readers {
  /** So far, each once, in the order they came. */
  readonly complaints: readonly Complaint[];
}

/** Readers for one study. */
export const createReaders = (files: RepositoryFiles, grammars: Grammars = {}): CollectingReaders =>
  collecting({ files, shell: grammars.shell, complain: () => undefined });

/** The same readers, with memory; what is told them is handed on. */
export function collecting(readers: Readers): CollectingReaders {
  const complaints: Complaint[] = [];
  const told = new Set<string>();
  return {
    files: readers.files,
    shell: readers.shell,
    complaints,
    complain(more) {
      for (const complaint of more) {
        const { file, span } = complaint.place;
        const key = `${file.name}\n${span.start}\n${span.end}\n${complaint.message}`;
        if (told.has(key)) continue;
        told.add(key);
        complaints.push(complaint);
        readers.complain([complaint]);
      }
    },
  };
}
