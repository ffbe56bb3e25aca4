/** One document on stdout, for programs. */
export const printJson = (document: object): void => void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);

export const printLine = (line: string): void => void process.stdout.write(`${line}\n`);

/** The document where stdout is taken by an archive. */
export const noteJson = (document: object): void => void process.stderr.write(`${JSON.stringify(document, null, 2)}\n`);

/** For people, beside whatever goes to stdout. */
export const noteLine = (line: string): void => void process.stderr.write(`${line}\n`);
