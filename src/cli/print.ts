/** One document on stdout, for programs. */
export const printJson = (document: object): void => void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);

export const printLine = (line: string): void => void process.stdout.write(`${line}\n`);

/** For people, beside whatever goes to stdout. */
export const noteLine = (line: string): void => void process.stderr.write(`${line}\n`);
