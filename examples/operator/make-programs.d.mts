/** Architectures, as Docker names them, that a program can be written for. */
export const architectures: readonly string[];
/** The whole ELF file. */
export function program(architecture: string): Buffer;
/** Writes `manager-ARCH` for each architecture into `folder`. */
export function writePrograms(folder: string, architectures?: readonly string[]): void;
