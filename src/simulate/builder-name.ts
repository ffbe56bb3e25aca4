/** Stands for what a name holds that is made up in the run. No name that people give can hold it. */
const MADE_UP = "…";

/** The name of a builder that an action makes up: nobody knows it beforehand, but it is the same wherever it is read. @param id  of the step */
export const madeUpName = (prefix: string, id: string): string => `${prefix}-${MADE_UP}${id}`;

/** For people, quoted. */
export const shownName = (name: string): string => `"${name.replace(/…[^…]*$/, MADE_UP)}"`;
