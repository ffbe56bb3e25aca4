import type { Span } from "../core/span.ts";
import type { Value } from "./value.ts";

/** An expression of HCL, as both its native form and its JSON form write it. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null; readonly span: Span }
  | { readonly kind: "template"; readonly parts: readonly TemplatePart[]; readonly span: Span }
  | { readonly kind: "variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string; readonly span: Span }
  | { readonly kind: "index"; readonly of: Expression; readonly key: Expression; readonly span: Span }
  /** `of[*].a.b`: the steps are taken from each item. */
  | { readonly kind: "splat"; readonly of: Expression; readonly steps: readonly SplatStep[]; readonly span: Span }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Expression[]; readonly spread: boolean; readonly span: Span }
  | { readonly kind: "not" | "negate"; readonly of: Expression; readonly span: Span }
  /** In parentheses: as the key of an object it is evaluated then. */
  | { readonly kind: "group"; readonly of: Expression; readonly span: Span }
  | { readonly kind: "operation"; readonly operator: Operator; readonly left: Expression; readonly right: Expression; readonly span: Span }
  | { readonly kind: "conditional"; readonly condition: Expression; readonly yes: Expression; readonly no: Expression; readonly span: Span }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[]; readonly span: Span }
  | ForExpression
  /** No expression of a file: what a caller puts in its place. */
  | { readonly kind: "given"; readonly value: Value; readonly span: Span };

export type Operator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||";

export type SplatStep = { readonly kind: "attribute"; readonly name: string } | { readonly kind: "index"; readonly key: Expression };

export interface ObjectEntry {
  readonly key: Expression;
  readonly value: Expression;
}

export interface ForExpression {
  readonly kind: "for";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly over: Expression;
  /** Undefined: a list is made. */
  readonly key: Expression | undefined;
  readonly value: Expression;
  readonly condition: Expression | undefined;
  /** `...`: values of one key are gathered in a list. */
  readonly grouped: boolean;
  readonly span: Span;
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "insert"; readonly value: Expression }
  | { readonly kind: "if"; readonly condition: Expression; readonly yes: readonly TemplatePart[]; readonly no: readonly TemplatePart[] }
  | {
      readonly kind: "for";
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly over: Expression;
      readonly body: readonly TemplatePart[];
    };
