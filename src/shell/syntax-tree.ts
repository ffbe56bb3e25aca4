import type { ShellGrammar } from "./grammar.ts";

/** A node of the grammar's tree, copied out of the parser's memory. Offsets are UTF-16. */
export interface SyntaxNode {
  readonly type: string;
  readonly named: boolean;
  /** The grammar's field of this node in its parent: "name", "condition", "body", … */
  readonly field: string | undefined;
  readonly missing: boolean;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxNode[];
}

/** Deeper trees are cut: no one writes them, and every reader of the tree recurses. */
const DEEPEST = 300;
/** About ten times the largest script of the corpus. */
const MOST_NODES = 200_000;

/** The tree of a text, and whether it had to be cut at a limit. */
export function parseTree({ parser }: ShellGrammar, text: string): { readonly root: SyntaxNode; readonly cut: boolean } {
  const tree = parser.parse(text);
  if (tree === null) throw new Error("the shell parser has no language");
  const cursor = tree.walk();
  let count = 0;
  let cut = false;
  const copy = (depth: number): SyntaxNode => {
    count++;
    const children: SyntaxNode[] = [];
    const node: SyntaxNode = {
      type: cursor.nodeType,
      named: cursor.nodeIsNamed,
      field: cursor.currentFieldName ?? undefined,
      missing: cursor.nodeIsMissing,
      start: cursor.startIndex,
      end: cursor.endIndex,
      children,
    };
    if (depth >= DEEPEST || count >= MOST_NODES) {
      cut = true;
    } else if (cursor.gotoFirstChild()) {
      do children.push(copy(depth + 1));
      while (count < MOST_NODES && cursor.gotoNextSibling());
      cut ||= count >= MOST_NODES;
      cursor.gotoParent();
    }
    return node;
  };
  try {
    return { root: copy(0), cut };
  } finally {
    cursor.delete();
    tree.delete();
  }
}
