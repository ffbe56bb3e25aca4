import { literalOf, type Question, type Word } from "./script.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

const COMMAND: Question = { kind: "command" };

export const not = (of: Question): Question => (of.kind === "not" ? of.of : { kind: "not", of });

/** @param word  reads the nodes of one word */
export function questionOf(nodes: readonly SyntaxNode[], word: (nodes: readonly SyntaxNode[]) => Word): Question {
  const [node, ...others] = nodes.filter(({ named, type }) => named && type !== "comment");
  if (node === undefined || others.length > 0) return COMMAND;
  switch (node.type) {
    case "negated_command":
      return not(questionOf(node.children.slice(1), word));
    case "test_command":
      return { kind: "test", double: node.children[0]?.type === "[[", words: testWords(node.children.slice(1, -1), word) };
    case "list": {
      const operator = node.children.findIndex(({ type }) => type === "&&" || type === "||");
      if (operator === -1) return COMMAND;
      const both = [node.children.slice(0, operator), node.children.slice(operator + 1)].map((side) => questionOf(side, word));
      return node.children[operator]?.type === "&&" ? { kind: "all", of: both } : not({ kind: "all", of: both.map(not) });
    }
    case "command":
      return questionOfCommand(node, word);
    default:
      return COMMAND;
  }
}

function questionOfCommand({ children }: SyntaxNode, word: (nodes: readonly SyntaxNode[]) => Word): Question {
  const [name, ...rest] = children;
  if (name?.type !== "command_name") return COMMAND;
  switch (literalOf(word([name])) ?? "") {
    case "true":
    case ":":
      return { kind: "constant", value: true };
    case "false":
      return { kind: "constant", value: false };
    case "test":
      return { kind: "test", double: false, words: rest.map((one) => word([one])) };
    default:
      return COMMAND;
  }
}

/** The grammar orders what stands between the brackets in its own way: the words are read as they stand. */
function testWords(nodes: readonly SyntaxNode[], word: (nodes: readonly SyntaxNode[]) => Word): Word[] {
  return nodes.flatMap((node) => (EXPRESSIONS.has(node.type) ? testWords(node.children, word) : [word([node])]));
}

const EXPRESSIONS: ReadonlySet<string> = new Set(["binary_expression", "unary_expression", "parenthesized_expression"]);
