import type { Facts, ProblemCode } from "../../core/problem.ts";

/** What is known of a failure beside the words that name it. */
export interface FailedAt {
  /** Of the vertex, without what stands in brackets: an instruction, or what the builder did. Empty: it failed outside of vertices. */
  readonly instruction: string;
  /** For people: ` (linux/arm64)`; empty where it is not known. */
  readonly platform: string;
  /** For people: the builder. */
  readonly builder: string;
  /** BuildKit told of a vertex of its own. */
  readonly answered: boolean;
}

/** One kind of failure, known by the words for it. */
export interface KnownFailure {
  readonly code: ProblemCode;
  readonly words: RegExp;
  /** Told only when this holds too. */
  readonly when?: (at: FailedAt) => boolean;
  /** Instead of the words themselves. */
  readonly message?: (match: RegExpExecArray, at: FailedAt) => string;
  /** Absent: the catalogue may know. */
  readonly hint?: string | ((match: RegExpExecArray, at: FailedAt) => string);
  readonly facts?: (match: RegExpExecArray) => Facts;
}

const isOutside = ({ instruction }: FailedAt): boolean => instruction === "";
const isDownload = ({ instruction }: FailedAt): boolean => /^ADD\b/.test(instruction);
const isImage = ({ instruction }: FailedAt): boolean => !isDownload({ instruction } as FailedAt);
/** What is done with an image, as a subject. */
const subject = ({ instruction }: FailedAt): string => {
  const read = /^(?:\[[^\]]*\] )?(?:load metadata for|resolve image config for docker-image:\/\/|FROM|importing cache manifest from) ?(\S+)/.exec(instruction);
  return read === null ? "" : `"${read[1]}": `;
};
const plainWords = (match: RegExpExecArray, at: FailedAt): string => {
  const before = subject(at);
  const text = match.input.split("\n", 1)[0] as string;
  return text.includes(before.slice(1, -3)) ? text : `${before}${text}`;
};

const DOCKER_DRIVER = "multihull fix --host --with buildx makes a builder that can, --with containerd gives Docker the image store that can";
const LOG_IN = "log in with docker login, as the user whom the builder asks for credentials";

/**
 * Failures by BuildKit's and Buildx's words; the first that fits.
 * Read 2026-11-22 from what Buildx 0.29.1 with BuildKit 0.34.2 and Docker 28.5.2 print, and from their sources; test/peers/buildkit-failures.test.ts provokes them.
 */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  // The programs here.
  {
    code: "buildx-unavailable",
    words: /unknown command: docker buildx|'buildx' is not a docker command|^Usage: {2}docker \[OPTIONS\] COMMAND/m,
    message: () => "docker has no Buildx plugin",
    hint: "install Buildx: the package docker-buildx-plugin, or a release of github.com/docker/buildx in ~/.docker/cli-plugins",
  },
  {
    code: "buildx-unavailable",
    words: /^unknown (?:shorthand )?flag: (.+)$/m,
    message: ([, flag]) => `this Buildx does not know the flag ${flag}`,
    hint: "install a newer Buildx",
    facts: ([, flag]) => ({ flag: flag as string }),
  },
  {
    code: "docker-unavailable",
    words: /permission denied while trying to connect to the (?:Docker daemon socket|docker API)/i,
    hint: "add this user to the group docker (sudo usermod -aG docker $USER, then log in anew), or build with sudo",
  },
  {
    code: "docker-unavailable",
    words: /Cannot connect to the Docker daemon|error during connect: /,
    hint: "start Docker (systemctl start docker, or Docker Desktop), or choose another builder with --builder; docker context ls shows where the daemon is looked for",
  },
  {
    code: "docker-unavailable",
    words: /context "([^"]*)": context not found/,
    message: ([, name]) => `there is no Docker context named "${name}"`,
    hint: "docker context ls shows those there are; docker context use default goes back",
  },

  // The builder.
  {
    code: "builder-unusable",
    words: /no builder "([^"]*)" found/,
    message: ([, name]) => `there is no builder named "${name}"`,
    hint: "docker buildx ls shows those there are; docker buildx create --name makes one",
    facts: ([, builder]) => ({ builder: builder as string }),
  },
  {
    code: "builder-unusable",
    words: /(?:is not supported for the|feature is currently not supported for) (\S+) driver/,
    hint: DOCKER_DRIVER,
    facts: ([, driver]) => ({ driver: driver as string }),
  },
  { code: "builder-unusable", words: /docker exporter does not (?:currently )?support exporting manifest lists/ },
  {
    code: "builder-unusable",
    words: /ttestations are not supported by the current/,
    hint: "use a builder with BuildKit 0.11 or later, or leave attestations out",
  },
  { code: "builder-unusable", words: /exporter "([^"]*)" could not be found/, message: ([, type], { builder }) => `${builder} has no exporter "${type}"` },
  { code: "builder-unusable", words: /no valid drivers found|failed to find driver/, hint: "docker buildx inspect shows what the builder's nodes are" },
  {
    code: "builder-unusable",
    words: /context deadline exceeded|connect(?:ion)? error|connection refused|no such host|error while dialing|i\/o timeout|Unavailable/i,
    when: ({ answered }) => !answered,
    message: (_, { builder }) => `${builder} does not answer`,
    hint: "start it, or look where its nodes are with docker buildx inspect; --builder chooses another",
  },
  {
    code: "builder-unusable",
    words:
      /code = Unavailable|^Unavailable: |error reading from server|transport is closing|failed to receive status|connection closed before|client connection is closing/,
    message: (_, { builder }) => `${builder} was lost while it built`,
    hint: "see whether its BuildKit still runs, and what it logged; a second run takes what was built from its cache",
  },

  // Rights, secrets.
  {
    code: "entitlement-missing",
    words: /granting entitlement (\S+) is not allowed by build daemon configuration/,
    message: ([, right], { builder }) => `${builder} does not grant ${right} to anybody`,
    hint: ([, right]) => `its daemon must allow it: docker buildx create --buildkitd-flags "--allow-insecure-entitlement ${right}"`,
    facts: ([, entitlement]) => ({ entitlement: entitlement as string }),
  },
  {
    code: "entitlement-missing",
    words: /((?:security|network|device)\S*) is not allowed|additional privileges requested/,
    message: ([, right]) =>
      right === undefined ? "the build asks for rights that were not granted" : `the Dockerfile asks for ${right}, which was not granted`,
    hint: ([, right]) => `grant it with --allow ${right ?? "RIGHT"}`,
    facts: ([, entitlement]): Facts => (entitlement === undefined ? {} : { entitlement }),
  },
  {
    code: "secret-missing",
    words: /^secret (.+): not found$/,
    message: ([, id]) => `the secret "${id}" was not given`,
    hint: ([, id]) => `give it with --secret id=${id},src=FILE or --secret id=${id},env=NAME`,
    facts: ([, secret]) => ({ secret: secret as string }),
  },
  {
    code: "secret-missing",
    words: /unset ssh forward key (\S+)|no SSH key "([^"]*)" forwarded/,
    message: ([, a, b]) => `the SSH agent "${a ?? b}" was not given`,
    hint: ([, a, b]) => `give it with --ssh ${a ?? b}`,
    facts: ([, a, b]) => ({ ssh: (a ?? b) as string }),
  },
  {
    code: "secret-missing",
    words: /invalid empty ssh agent socket/,
    message: () => "there is no SSH agent to give: SSH_AUTH_SOCK is not set",
    hint: "start one with eval $(ssh-agent) and ssh-add, or name a key file with --ssh default=FILE",
  },
  {
    code: "secret-missing",
    words: /^failed to stat (\S+): stat /,
    when: isOutside,
    message: ([, path]) => `the file of a secret cannot be read: "${path}"`,
    hint: "check src= of --secret",
  },

  // The Dockerfile and the context.
  {
    code: "stage-unknown",
    words: /target stage "([^"]*)" could not be found/,
    message: ([, stage]) => `the Dockerfile has no stage named "${stage}"`,
    hint: "--target takes a name from FROM … AS NAME",
    facts: ([, stage]) => ({ stage: stage as string }),
  },
  {
    code: "file-unreadable",
    words: /failed to read dockerfile: open (.+?): no such file/,
    message: ([, file]) => `there is no Dockerfile "${file}"`,
    hint: "name it with --file",
    facts: ([, file]) => ({ file: file as string }),
  },
  {
    code: "context-unreadable",
    words: /failed to get build context (.+?): |unable to prepare context: |path "[^"]*" not found/,
    when: isOutside,
    hint: "check the path of the build context, and of --build-context",
  },
  {
    code: "dockerfile-syntax",
    words:
      /^dockerfile parse error(?: on line \d+)?: |unterminated heredoc|the Dockerfile cannot be empty|^no build stage in current context|file with no instructions/,
  },

  {
    code: "platform-malformed",
    words: /cannot parse platform specifier|unknown operating system or architecture/,
    when: isOutside,
    hint: "wanted os/arch or os/arch/variant, such as linux/arm64",
  },

  // Images.
  {
    code: "platform-missing",
    words: /no match for platform in manifest|does not provide the specified platform|no matching manifest for \S+/,
    message: (match, at) =>
      subject(at) === "" ? plainWords(match, at) : `${subject(at).slice(0, -2)} has no image for a platform that is built${at.platform}`,
    hint: "choose a base that has the platform, or leave the platform out",
  },
  {
    code: "source-missing",
    words: /"([^"]+)": not found$|^lstat (.+): no such file or directory$/,
    when: ({ instruction }) => !/^\[|^FROM|load metadata/.test(instruction),
    message: ([, a, b], { instruction }) =>
      `"${a ?? b}" does not exist ${/--from=/.test(instruction) || b !== undefined ? "where it is copied from" : "in the build context, or .dockerignore leaves it out"}: ${instruction}`,
    hint: ([, a, b]) =>
      `check the path against the files that are there${/amd64|arm64|x86_64|aarch64/.test((a ?? b) as string) ? ": it names a platform, so it must be made for each" : ""}`,
    facts: ([, a, b]) => ({ path: (a ?? b) as string }),
  },
  {
    code: "disk-full",
    words: /no space left on device/i,
    message: (match, at) => `no room is left: ${plainWords(match, at)}`,
    hint: "docker buildx prune makes room for the builder; docker system df shows what takes it",
  },
  {
    code: "checksum-mismatch",
    words: /digest mismatch (\S+): (\S+)/,
    when: isDownload,
    message: ([, got, wanted], { instruction }) => `${instruction}: got ${got}, wanted ${wanted}`,
  },
  { code: "download-failed", words: /./, when: isDownload, message: (match, at) => `${at.instruction}: ${match.input}` },
  { code: "reference-malformed", words: /invalid reference format/, hint: "a repository is lower-case letters, digits and . _ - /" },
  {
    code: "registry-rate-limited",
    words: /toomanyrequests|429 Too Many Requests/i,
    message: plainWords,
    hint: "log in with docker login, which raises the limit, or read through a mirror of the registry",
  },
  {
    code: "registry-unauthorized",
    words:
      /401 Unauthorized|\bunauthorized\b|insufficient_scope|failed to fetch (?:anonymous|oauth) token|authorization failed|no basic auth credentials|authentication required/i,
    when: isImage,
    message: plainWords,
    hint: LOG_IN,
  },
  { code: "registry-denied", words: /403 Forbidden|\bdenied\b/, message: plainWords, hint: "ask whoever owns the repository for the right, or check its name" },
  {
    code: "registry-unreachable",
    words: /server gave HTTP response to HTTPS client|x509: /,
    message: plainWords,
    hint: 'tell the builder how the registry is spoken to: [registry."HOST"] with http = true, insecure = true or ca = […] in its buildkitd.toml (docker buildx create --buildkitd-config)',
  },
  {
    code: "registry-unreachable",
    words: /dial tcp (?:127\.\d+\.\d+\.\d+|\[::1\]):\d+: .*connection refused/,
    message: plainWords,
    hint: "see whether the registry runs; a builder in a container has a loopback of its own unless it was made with docker buildx create --driver-opt network=host",
  },
  {
    code: "registry-unreachable",
    words:
      /x509: |server gave HTTP response to HTTPS client|dial tcp|no such host|connection refused|connection reset by peer|i\/o timeout|TLS handshake|network is unreachable|unexpected EOF/,
    message: plainWords,
  },
  { code: "registry-status", words: /unexpected status from .*: [45]\d\d /, message: plainWords },
  {
    code: "registry-not-found",
    words: /: not found$|manifest unknown|name unknown|NAME_UNKNOWN/,
    when: ({ instruction }) => !/^(?:RUN|COPY)\b/.test(instruction),
    message: plainWords,
    hint: "check the name and the tag",
  },
];
