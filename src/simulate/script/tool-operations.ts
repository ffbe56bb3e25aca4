import { type FlagTable, readArguments } from "../../shell/arguments.ts";
import { textOf as knownText, type Value } from "../../shell/values.ts";
import type { Build, Operation } from "../operation.ts";
import { NO_TEXTS, splitText, type Text, type Texts } from "../text.ts";
import { unknownBuild } from "../unknown-build.ts";
import type { Scene } from "./scene.ts";

type Reader = (scene: Scene, words: readonly Value[]) => readonly Operation[];

const COSIGN: FlagTable = {
  text: [
    "key",
    "output-signature",
    "output-certificate",
    "certificate",
    "identity-token",
    "registry-username",
    "registry-password",
    "tlog-upload",
    "rekor-url",
    "fulcio-url",
    "payload",
    "timeout t",
  ],
  list: ["annotations a", "attachment"],
  switch: ["recursive r", "yes y", "force f", "upload", "allow-insecure-registry", "keyless"],
};
/** cosign 2 (cmd/cosign/cli/options). */
const cosign: Reader = (scene, values) => {
  const [first, ...rest] = values;
  if (first === undefined || knownText(first) !== "sign") return [];
  const found = readArguments(rest, COSIGN);
  return [{ kind: "sign-image", tool: "cosign", images: scene.texts.words(found.positional), recursive: found.on("recursive"), place: scene.place }];
};

const CRANE: FlagTable = {
  text: ["manifest m", "tag t", "platform", "username u", "password p", "output o"],
  list: ["m"],
  switch: ["insecure", "verbose v", "flatten", "all-tags a", "no-clobber n", "password-stdin"],
};
/** go-containerregistry's crane: `index append`, `copy`, `tag`. */
const crane: Reader = (scene, values) => {
  const [verb = "", noun = ""] = values.map(knownText);
  if (verb === "index" && noun === "append") {
    const found = readArguments(values.slice(2), { ...CRANE, text: CRANE.text?.filter((row) => row !== "manifest m"), list: ["manifest m"] });
    return [index(scene, found.all("tag"), [...found.all("manifest"), ...found.positional])];
  }
  const found = readArguments(values.slice(1), CRANE);
  const [source, target] = found.positional;
  if (verb === "copy" || verb === "cp") return [index(scene, target === undefined ? [] : [target], source === undefined ? [] : [source])];
  if (verb === "auth" && noun === "login") return [logIn(scene, readArguments(values.slice(2), CRANE), "crane")];
  return [];
};

const REGCTL: FlagTable = {
  text: ["host", "verbosity v", "logopt", "user u", "pass p", "media-type m", "ref", "annotation"],
  list: ["digest", "platform", "desc-platform", "ref"],
  switch: ["force-recursive", "digest-tags", "referrers", "include-external", "pass-stdin"],
};
/** regclient's regctl. */
const regctl: Reader = (scene, values) => {
  const [noun = "", verb = ""] = values.map(knownText);
  const found = readArguments(values.slice(2), { ...REGCTL, text: REGCTL.text?.filter((row) => row !== "ref") });
  if (noun === "index" && (verb === "create" || verb === "add"))
    return [index(scene, found.positional.slice(0, 1), [...found.all("ref"), ...found.all("digest")])];
  if (noun === "image" && (verb === "copy" || verb === "cp")) return [index(scene, found.positional.slice(1, 2), found.positional.slice(0, 1))];
  if (noun === "registry" && verb === "login") return [logIn(scene, found, "other")];
  return [];
};

const SKOPEO: FlagTable = {
  text: [
    "override-arch",
    "override-os",
    "override-variant",
    "policy",
    "registries.d",
    "tmpdir",
    "command-timeout",
    "authfile",
    "src-creds",
    "dest-creds",
    "src-authfile",
    "dest-authfile",
    "format f",
    "multi-arch",
    "digestfile",
    "sign-by",
    "retry-times",
    "username u",
    "password p",
    "src-tls-verify",
    "dest-tls-verify",
  ],
  list: ["additional-tag", "encryption-key", "decryption-key"],
  switch: [
    "all a",
    "quiet q",
    "preserve-digests",
    "remove-signatures",
    "insecure-policy",
    "debug",
    "password-stdin",
    "dest-compress",
    "src-no-creds",
    "dest-no-creds",
  ],
  optional: ["tls-verify"],
};
/** containers/skopeo: `copy --all`; without it one platform is taken, and no index made. */
const skopeo: Reader = (scene, values) => {
  const found = readArguments(values, SKOPEO);
  const [verb, source, target] = found.positional;
  const name = verb && knownText(verb);
  if (name === "login") return [logIn(scene, { ...found, positional: found.positional.slice(1) }, "skopeo")];
  if (name !== "copy" || source === undefined || target === undefined) return [];
  const multi = found.last("multi-arch");
  if (found.on("all") === false && (multi === undefined || knownText(multi) !== "all")) return [];
  return [
    { ...index(scene, [], []), names: texts([withoutTransport(scene.texts.text(target))]), sources: texts([withoutTransport(scene.texts.text(source))]) },
  ];
};

/** oras.land: `manifest index create`, `login`, `copy`. */
const oras: Reader = (scene, values) => {
  const [one = "", two = "", three = ""] = values.map(knownText);
  const table: FlagTable = {
    text: ["username u", "password p", "artifact-type", "platform", "from-oci-layout"],
    list: ["annotation a"],
    switch: ["password-stdin", "recursive r", "insecure", "oci-layout", "plain-http"],
  };
  if (one === "manifest" && two === "index" && three === "create") {
    const [name, ...sources] = readArguments(values.slice(3), table).positional;
    return [index(scene, name === undefined ? [] : [name], sources)];
  }
  const found = readArguments(values.slice(1), table);
  if (one === "login") return [logIn(scene, found, "other")];
  if (one !== "cp" && one !== "copy") return [];
  return [index(scene, found.positional.slice(1, 2), found.positional.slice(0, 1))];
};

const AWS: FlagTable = {
  text: [
    "region",
    "profile",
    "function-name",
    "image-uri",
    "code",
    "output",
    "query",
    "role",
    "architectures",
    "timeout",
    "memory-size",
    "package-type",
    "endpoint-url",
  ],
  switch: ["publish", "no-publish", "no-cli-pager"],
};
/** aws-cli: `lambda update-function-code --image-uri`. */
const aws: Reader = (scene, values) => {
  const found = readArguments(values, AWS);
  const [service, action] = found.positional.map(knownText);
  if (service !== "lambda" || (action !== "update-function-code" && action !== "create-function")) return [];
  const code = found.last("code");
  const uri = /(?:^|,)ImageUri=([^,]+)/.exec((code && knownText(code)) ?? "")?.[1];
  const image =
    scene.texts.optional(found.last("image-uri")) ?? (uri === undefined || code === undefined ? undefined : { parts: [uri], place: scene.texts.place(code) });
  return image === undefined && code === undefined ? [] : [{ kind: "deploy", to: "lambda", image, place: scene.place }];
};

const GCLOUD: FlagTable = {
  text: ["image", "region", "project", "platform", "service-account", "tag", "memory", "cpu", "port", "set-env-vars", "update-env-vars", "source"],
  switch: ["quiet q", "allow-unauthenticated", "async"],
};
/** gcloud: `run deploy`, `auth configure-docker`. */
const gcloud: Reader = (scene, values) => {
  const found = readArguments(values, GCLOUD);
  const words = found.positional.map(knownText).filter((word) => word !== "beta" && word !== "alpha");
  if (words[0] === "run" && found.last("image") !== undefined)
    return [{ kind: "deploy", to: "cloud-run", image: scene.texts.optional(found.last("image")), place: scene.place }];
  if (words[0] !== "auth" || words[1] !== "configure-docker") return [];
  const at = found.positional.findIndex((value) => knownText(value) === "configure-docker");
  const named = found.positional.slice(at + 1).flatMap((value) => splitText(scene.texts.text(value), ","));
  const registries =
    named.length > 0 ? named : ["gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io"].map((host): Text => ({ parts: [host], place: scene.place }));
  return registries.map((registry) => ({ kind: "log-in", registry, username: undefined, password: undefined, tool: "other", place: scene.place }));
};

/** azure-cli: `acr login --name x`, `acr build`. */
const az: Reader = (scene, values) => {
  const found = readArguments(values, {
    text: ["name n", "username u", "password p", "subscription", "registry r", "platform"],
    list: ["image t"],
    switch: ["expose-token"],
  });
  const [service, action] = found.positional.map(knownText);
  if (service !== "acr" || action !== "login") return [];
  const name = scene.texts.optional(found.last("name"));
  const registry: Text | undefined = name && { parts: joined([...name.parts, ".azurecr.io"]), place: name.place };
  return [{ kind: "log-in", registry, username: undefined, password: undefined, tool: "other", place: scene.place }];
};

const doctl: Reader = (scene, values) => {
  const [one, two] = values.map(knownText);
  if (one !== "registry" || two !== "login") return [];
  return [
    {
      kind: "log-in",
      registry: { parts: ["registry.digitalocean.com"], place: scene.place },
      username: undefined,
      password: undefined,
      tool: "other",
      place: scene.place,
    },
  ];
};

/** ko builds from Go sources by itself, with no builder and no Dockerfile. */
const ko: Reader = (scene, values) => {
  const [verb] = values.map(knownText);
  if (verb === "login") return [logIn(scene, readArguments(values.slice(1), { text: ["username u", "password p"], switch: ["password-stdin"] }), "other")];
  if (verb !== "build" && verb !== "publish") return [];
  const found = readArguments(values.slice(1), {
    text: ["sbom", "sbom-dir", "image-refs", "tarball", "jobs j"],
    list: ["platform", "tags t", "image-label"],
    switch: ["bare B", "base-import-paths", "preserve-import-paths P", "local L", "push"],
  });
  const build: Build = {
    ...unknownBuild("other", scene.place),
    platforms: scene.texts.list(found.all("platform")),
    attests: NO_TEXTS,
    outputs: NO_TEXTS,
    cacheTo: NO_TEXTS,
    cacheFrom: NO_TEXTS,
  };
  return [build];
};

const others =
  (through: "goreleaser" | "other", verbs: readonly string[]): Reader =>
  (scene, values) => {
    const verb = values.map(knownText).find((word) => word?.startsWith("-") !== true);
    return verb !== undefined && verbs.includes(verb) ? [unknownBuild(through, scene.place)] : [];
  };

const READERS: ReadonlyMap<string, Reader> = new Map([
  ["cosign", cosign],
  ["crane", crane],
  ["gcrane", crane],
  ["regctl", regctl],
  ["skopeo", skopeo],
  ["oras", oras],
  ["aws", aws],
  ["gcloud", gcloud],
  ["az", az],
  ["doctl", doctl],
  ["ko", ko],
  ["goreleaser", others("goreleaser", ["release"])],
  ["earthly", others("other", ["build", "+all", "+docker", "+release", "+image"])],
  ["depot", others("other", ["build", "bake"])],
  ["nerdctl", others("other", ["build"])],
  ["pack", others("other", ["build"])],
]);

/** What the tools around images ask for; undefined for a tool that is not among them. */
export function operationsOfTool(scene: Scene): readonly Operation[] | undefined {
  return READERS.get(scene.name)?.(scene, scene.arguments);
}

const texts = (items: readonly Text[]): Texts => ({ items, open: false, place: items[0]?.place });

function index(scene: Scene, names: readonly Value[], sources: readonly Value[]) {
  return {
    kind: "create-index",
    tool: "other",
    names: scene.texts.texts(names),
    sources: scene.texts.words(sources),
    amend: false,
    builder: undefined,
    pushes: true,
    place: scene.place,
  } as const;
}

interface LogInArguments {
  readonly positional: readonly Value[];
  last(flag: string): Value | undefined;
}

function logIn({ texts: make, input, place }: Scene, found: LogInArguments, tool: "skopeo" | "crane" | "other"): Operation {
  const password = found.last("password") ?? found.last("pass");
  return {
    kind: "log-in",
    registry: make.optional(found.positional[0]),
    username: make.optional(found.last("username") ?? found.last("user")),
    password: password === undefined ? input && make.pieces(input, place) : make.text(password),
    tool,
    place,
  };
}

/** `docker://quay.io/a/b:c` is an image of a registry. */
function withoutTransport(text: Text): Text {
  const [first, ...rest] = text.parts;
  return typeof first === "string" && first.startsWith("docker://") ? { parts: joined([first.slice("docker://".length), ...rest]), place: text.place } : text;
}

const joined = (parts: Text["parts"]): Text["parts"] => {
  const all: Text["parts"][number][] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === "string" && typeof last === "string") all[all.length - 1] = last + part;
    else if (part !== "") all.push(part);
  }
  return all;
};
