/** Variables of the environment that decide what Docker's tools do. */
export const DOCKER_VARIABLES: readonly string[] = [
  "BUILDX_BUILDER",
  "BUILDX_NO_DEFAULT_ATTESTATIONS",
  "DOCKER_BUILDKIT",
  "DOCKER_CONTEXT",
  "DOCKER_DEFAULT_PLATFORM",
  "DOCKER_HOST",
];

/** Programs that write nothing to the files through which a step hands on, unless the shell sends their output there. */
const QUIET: ReadonlySet<string> = new Set(
  [
    "[ apk apt apt-get awk aws az base64 basename break brew buildah cat cd chmod chown colima command continue cosign cp crane curl cut date declare df diff dirname dnf docker",
    "docker-compose docker-credential-gcr du echo env eval exit export false find free gcloud git gh grep gunzip gzip head helm hostname id jobs jq kill kubectl less limactl ln",
    "local ls lscpu lsmod make md5sum mkdir modprobe mount mv mvn nproc oras popd printf ps pushd pwd qemu-img read realpath regctl return rm rmdir sed service set sha256sum shift",
    "shopt skopeo sleep sort source ssh stat swapoff sysctl systemctl tail tar tee test timeout touch tr trap tree true type uname uniq unset unzip update-binfmts uuidgen wait wc",
    "wget which xargs xz yq yum zip zstd podman rsync scp sync . : popd umask ulimit groups usermod useradd loginctl",
  ].flatMap((line) => line.split(" ")),
);

/** Whether a command certainly hands on nothing. `verb`: its first argument. */
export const isQuiet = (name: string, verb: string | undefined): boolean =>
  QUIET.has(name) || (name === "go" && verb !== undefined && verb !== "run" && verb !== "generate" && verb !== "test");

/** What something that cannot be read may have brought. */
export type Brought = readonly ("builder" | "emulators" | "login" | "image")[];

const BUILDS = /docker|container|image|release|publish|build|push/i;
const SETS_UP = /buildx|buildkit|builder|multi-?arch|multi-?platform|all-?arch|cross|qemu|binfmt|set-?up|bootstrap|release/i;

/** Going by the name of a script or a target: builders are seldom made where only images are spoken of. Undefined when it has nothing to do with either. */
export function broughtByName(name: string): Brought | undefined {
  if (SETS_UP.test(name)) return ["builder", "emulators", "image"];
  return BUILDS.test(name) ? ["image"] : undefined;
}

const TOOLS = /\b(?:docker|buildx|podman|buildah|nerdctl|binfmt|qemu)\b/i;
const MACHINERY = /\bbuildx|binfmt|qemu|daemon\.json|DOCKER_(?:HOST|CONTEXT)|BUILDX_|\bcontext["', ]+(?:use|create)|dockerd/i;

/** Going by the text of something that is no shell. */
export function broughtByText(text: string): Brought | undefined {
  if (!TOOLS.test(text)) return undefined;
  return MACHINERY.test(text) ? ["builder", "emulators", "login", "image"] : ["login", "image"];
}

/** For a doubt: what nobody knows of something that cannot be read. */
export const unknownDeed = (what: string, about: Brought): string => `nobody knows what ${what} does to ${about.includes("builder") ? "builders" : "images"}`;
