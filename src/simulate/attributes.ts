import { fieldsOf } from "./input-list.ts";
import { hasMark, marked } from "./marked-text.ts";
import type { Text } from "./text.ts";

/** `type=image,push=true` by lower-case key. A value that is not wholly known is undefined, and so is the whole of a text that may hold any fields. */
export interface Attributes {
  readonly fields: ReadonlyMap<string, string | undefined>;
  /** A field without `=`, such as a reference or a path. */
  readonly bare: string | undefined;
  /** Something unknown stands where fields could be. */
  readonly open: boolean;
}

export function attributesOf(text: Text): Attributes {
  const { string } = marked(text);
  const fields = new Map<string, string | undefined>();
  let bare: string | undefined;
  let open = false;
  for (const field of fieldsOf(string)) {
    const at = field.indexOf("=");
    const key = field.slice(0, Math.max(0, at)).trim().toLowerCase();
    if (at === -1 ? hasMark(field) : hasMark(key)) open = true;
    else if (at === -1) bare ??= field;
    else fields.set(key, hasMark(field) ? undefined : field.slice(at + 1));
  }
  return { fields, bare, open };
}
