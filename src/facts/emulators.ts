import data from "../../data/emulators.json" with { type: "json" };

/** An image whose run makes the kernel execute programs of other architectures. */
export interface EmulatorImage {
  /** On Docker Hub, without tag. */
  readonly repository: string;
  /** The flag whose value is the list of architectures; undefined: it takes none. */
  readonly list: string | undefined;
  /** What it installs when no list is given. */
  readonly byDefault: readonly string[] | "all" | "none";
  /** What it can install, where that is known. */
  readonly supports: readonly string[] | undefined;
  /** Flags of which one, with `yes`, makes the kernel hold the emulators open, so that containers find them; undefined: it always does. */
  readonly fixedBy: readonly string[] | undefined;
}

const images: ReadonlyMap<string, EmulatorImage> = new Map(
  data.images.map(({ repository, list, default: byDefault, supports, fixedBy }) => [
    repository,
    { repository, list: list ?? undefined, byDefault: byDefault as EmulatorImage["byDefault"], supports, fixedBy },
  ]),
);
const packages: ReadonlyMap<string, { readonly fixed?: boolean }> = new Map(data.packages.map((one) => [one.name, one]));
const architectures: ReadonlyMap<string, string> = new Map(Object.entries(data.architectures));

const binfmt = data.images[0];

/** The image by which a machine is given emulators, and taken them away: `docker run --privileged --rm IMAGE INSTALL arm64,s390x`, `… REMOVE qemu-aarch64`. */
export const BINFMT_IMAGE: {
  readonly image: string;
  readonly install: string;
  readonly remove: string;
  /** What it calls an architecture's entry in binfmt_misc; undefined: it has no emulator for that. */
  readonly entryOf: (architecture: string) => string | undefined;
} = {
  image: binfmt?.repository ?? "",
  install: binfmt?.list ?? "",
  remove: binfmt?.remove ?? "",
  entryOf: (architecture) => new Map<string, string>(Object.entries(binfmt?.entries ?? {})).get(architecture),
};

/** By `owner/name`, as Docker Hub has it. */
export const emulatorImage = (repository: string): EmulatorImage | undefined => images.get(repository);

/** Whether a package of a Linux distribution installs emulators, for every architecture that QEMU knows. */
export const isEmulatorPackage = (name: string): boolean => packages.has(name);

/** Whether what such a package installs is found within containers; of a package whose releases differ, as in those of Ubuntu up to 24.04. */
export const isFixedPackage = (name: string): boolean => packages.get(name)?.fixed !== false;

/** Ubuntu's releases in which the packages that are not found within containers are so. */
export const UNFIXED_ON: readonly string[] = data.unfixedOn;

/** An architecture, in the kernel's, Debian's or QEMU's word, as platforms name it; undefined for what is none. */
export const emulatedArchitecture = (word: string): string | undefined => architectures.get(word.replace(/^qemu-/, ""));
