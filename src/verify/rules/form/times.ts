const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:[.,]\d+)?`;
const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const ZONE = String.raw`[+-](?:[01]\d|2[0-3]):[0-5]\d`;
const STRICT = new RegExp(`^${DATE}T${CLOCK}(?:Z|${ZONE})$`);
const READABLE = new RegExp(`^${DATE}[Tt ]${CLOCK}(?:[Zz]|${ZONE})$`);

/** A date and time as RFC 3339, section 5.6 has it, and as Go reads it. */
export const isTime = (text: string): boolean => STRICT.test(text);

/** Also with a space between date and time and in small letters, which the same section permits for people to read. */
export const isReadableTime = (text: string): boolean => READABLE.test(text);
