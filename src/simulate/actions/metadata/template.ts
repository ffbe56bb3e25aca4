/** What a template may name: a value, or a function of the words behind the name. Undefined: nothing of that name, which prints nothing. */
export type TemplateValues = (name: string, words: readonly string[]) => string | undefined;

const EXPRESSION = /\{\{\{?\s*([^{}]*?)\s*\}?\}\}/g;
const WORD = /'([^']*)'|"([^"]*)"|[^\s'"]+/g;

/** Fills in `{{name 'argument' key='value'}}`, as far as the action's patterns use Handlebars. */
export const filledIn = (template: string, values: TemplateValues): string =>
  template.replace(EXPRESSION, (_, inner: string) => {
    const [name = "", ...words] = [...inner.matchAll(WORD)].map((match) => match[1] ?? match[2] ?? match[0]);
    return values(name, words) ?? "";
  });

/** Whether the template is `{{raw}}` and nothing else. */
export const isRaw = (template: string): boolean => /^\{\{\s*raw\s*\}\}$/.test(template);
