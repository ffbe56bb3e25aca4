/** The part behind the last slash. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
