// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL and of compose

/** Bake files that Buildx and we have to understand in the same way. */
export interface BakeCase {
  readonly name: string;
  /** By name, in the order in which they are given. */
  readonly files: Readonly<Record<string, string>>;
  readonly targets?: readonly string[];
  readonly set?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const hcl = (name: string, text: string, more: Omit<BakeCase, "name" | "files"> = {}): BakeCase => ({ name, files: { "docker-bake.hcl": text }, ...more });
const json = (name: string, value: unknown, more: Omit<BakeCase, "name" | "files"> = {}): BakeCase => ({
  name,
  files: { "docker-bake.json": JSON.stringify(value, undefined, 2) },
  ...more,
});
const compose = (name: string, text: string, more: Omit<BakeCase, "name" | "files"> = {}): BakeCase => ({ name, files: { "compose.yaml": text }, ...more });

const INHERITS = `
target "a" {
  tags = ["a:1"]
  args = { X = "a", Y = "a" }
  platforms = ["linux/amd64"]
  cache-from = ["type=gha"]
  output = ["type=image"]
}
target "b" {
  inherits = ["a"]
  args = { Y = "b" }
  cache-from = ["type=registry,ref=b"]
  attest = ["type=sbom"]
}
target "c" {
  platforms = ["linux/arm64", "linux/arm64", ""]
  attest = ["type=provenance,mode=max", "type=sbom,disabled=true"]
}
target "default" {
  inherits = ["b", "c"]
  cache-to = ["type=gha,mode=max"]
}`;

const VARIABLES = `
variable "TEXT" { default = "t" }
variable "NUMBER" { default = 1 }
variable "SWITCH" { default = false }
variable "NOTHING" {}
variable "NULL" { default = null }
variable "LIST" {
  type = list(string)
  default = ["a"]
}
variable "MAP" {
  type = map(number)
  default = { a = 1 }
}
variable "COMPUTED" { default = "<\${TEXT}>" }
GLOBAL = "g-\${TEXT}"
target "default" {
  args = {
    text = TEXT
    number = NUMBER + 1
    switch = SWITCH ? "on" : "off"
    nothing = NOTHING
    null = NULL
    list = join(",", LIST)
    map = join(",", [for k, v in MAP : "\${k}=\${v}"])
    computed = COMPUTED
    global = GLOBAL
  }
}`;

const MATRIX = `
target "app" {
  name = "app-\${replace(version, ".", "-")}-\${item.os}"
  matrix = {
    version = ["1.0", "2.0"]
    item = [{ os = "linux", platforms = ["linux/amd64", "linux/arm64"] }, { os = "windows", platforms = ["windows/amd64"] }]
  }
  platforms = item.platforms
  tags = ["app:\${version}-\${item.os}"]
}
group "default" { targets = ["app"] }`;

const PLAIN = `
target "app" { tags = ["app:1"] }
target "web" {
  tags = ["web:1"]
  output = ["type=docker"]
}
target "img" { output = ["type=image,name=x", "type=registry"] }
group "default" { targets = ["app", "web", "img"] }`;

export const BAKE_CASES: readonly BakeCase[] = [
  hcl("inherits in their order", INHERITS),
  hcl("variables by default", VARIABLES),
  hcl("variables from the environment", VARIABLES, {
    environment: { TEXT: "e", NUMBER: "41", SWITCH: "1", NOTHING: "x", NULL: "y", LIST: 'b,"c,d"', MAP: "z:3,y:4" },
  }),
  hcl("variables from the environment as JSON", VARIABLES, { environment: { LIST_JSON: '["j","k"]', MAP_JSON: '{"q":9}' } }),
  hcl("a number from the environment that is none", VARIABLES, { environment: { NUMBER: "many" } }),
  hcl("a switch from the environment that is none", VARIABLES, { environment: { SWITCH: "perhaps" } }),
  hcl("a matrix", MATRIX),
  hcl("one row of a matrix", MATRIX, { targets: ["app-1-0-windows"] }),
  hcl("a matrix without names", 'target "a" {\n matrix = { v = ["1", "2"] }\n}', { targets: ["a"] }),
  hcl("a matrix that is no object", 'target "a" {\n matrix = ["1"]\n name = "x"\n}', { targets: ["a"] }),
  hcl("a name without a matrix", 'target "a" {\n name = "x"\n}', { targets: ["a"] }),
  hcl("a name with a dot", 'target "a.b" {}', { targets: ["a.b"] }),
  hcl("patterns of names", PLAIN, { targets: ["*p", "w?b"] }),
  hcl("a pattern that fits nothing", PLAIN, { targets: ["z*"] }),
  hcl("a target that is not there", PLAIN, { targets: ["nope"] }),
  hcl("no default", 'target "app" {}'),
  hcl("a group that names what is not there", 'group "default" {\n targets = ["x"]\n}'),
  hcl("a group and a target of one name", 'group "default" {\n targets = ["default", "b"]\n}\ntarget "default" {}\ntarget "b" {}'),
  hcl("groups in a circle", 'group "default" {\n targets = ["b"]\n}\ngroup "b" {\n targets = ["default", "t"]\n}\ntarget "t" {}'),
  hcl(
    "groups within groups",
    'group "default" {\n targets = ["b", "c"]\n}\ngroup "b" {\n targets = ["c", "t"]\n}\ngroup "c" {\n targets = ["u"]\n}\ntarget "t" {}\ntarget "u" {}',
  ),
  hcl("inherits in a circle", 'target "default" {\n inherits = ["b"]\n tags = ["x"]\n}\ntarget "b" {\n inherits = ["default"]\n args = { A = 1 }\n}'),
  hcl("inherits what is not there", 'target "default" {\n inherits = ["b"]\n}'),
  hcl("a variable in a circle", 'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "default" {\n tags = [A]\n}'),
  hcl("a function in a circle", 'function "f" {\n params = []\n result = f()\n}\ntarget "default" {\n tags = [f()]\n}'),
  hcl("an unknown variable", 'target "default" {\n tags = [NOPE]\n}'),
  hcl("an unknown function", 'target "default" {\n tags = [nope("x")]\n}'),
  hcl("an unknown attribute", 'target "default" {\n platform = ["linux/amd64"]\n}'),
  hcl("an unknown block", 'target "default" {\n args {\n  A = 1\n }\n}'),
  hcl("a block at the top that nobody knows", 'settings "x" {\n a = 1\n}\ntarget "default" {}'),
  hcl("a text where a list is wanted", 'target "default" {\n platforms = "linux/amd64"\n}'),
  hcl("numbers where texts are wanted", 'target "default" {\n tags = [1.5, true]\n context = 5\n}'),
  hcl("null in a list", 'target "default" {\n tags = ["a", null]\n}'),
  hcl("null in args and labels", 'target "default" {\n args = { A = null, B = "" }\n labels = { A = null, B = "" }\n}'),
  hcl("null everywhere", 'target "default" {\n context = null\n tags = null\n args = null\n no-cache = null\n}'),
  hcl("a list in a text", 'target "default" {\n tags = ["a${["x"]}"]\n}'),
  hcl("an attribute twice", 'target "default" {\n tags = ["a"]\n tags = ["b"]\n}'),
  hcl("a target twice in one file", 'target "default" {\n tags = ["a"]\n args = { A = 1 }\n}\ntarget "default" {\n tags = ["b"]\n args = { B = 2 }\n}'),
  hcl("a text that is not closed", 'target "default" {\n tags = ["a]\n}'),
  hcl("a block that is not closed", 'target "default" {\n tags = ["a"]\n'),
  hcl("an attribute and a block in one line", 'target "default" { tags = ["a"], x = 1 }'),
  hcl("two attributes in one line", 'target "default" {\n tags = ["a"] args = {}\n}'),
  hcl("a comma after the last item", 'target "default" {\n tags = ["a",\n "b", ]\n args = {\n  A = 1,\n  B = 2,\n }\n}'),
  hcl("comments", '# one\n// two\n/* three\n */\ntarget "default" { # four\n tags = [ // five\n  "a", /* six */ "b" # seven\n ]\n}'),
  hcl(
    "operators",
    'target "default" {\n args = {\n a = 1 + 2 * 3, b = (1 + 2) * 3, c = 7 % 4, d = !false && (1 < 2 || false), e = -3 + 1, f = "a" == "a", g = 1 == "1", h = null == null, i = 1 != 2, j = 10 / 4, k = 0.1 + 0.2\n }\n}',
  ),
  hcl(
    "a condition over several lines",
    'variable "X" { default = "" }\ntarget "default" {\n platforms = X != "" ? [\n  "linux/amd64",\n ] : [\n  "linux/arm64"\n ]\n}',
  ),
  hcl("an index too large", 'target "default" {\n tags = [["a"][3]]\n}'),
  hcl("a heredoc", 'target "default" {\n dockerfile-inline = <<EOT\nFROM scratch\n  RUN $${x}\nEOT\n}'),
  hcl("a heredoc without indentation", 'target "default" {\n dockerfile-inline = <<-EOT\n    FROM scratch\n      RUN "x\\n"\n\n    RUN y\n  EOT\n}'),
  hcl(
    "a heredoc with directives",
    'target "default" {\n dockerfile-inline = <<-EOT\n    A\n    %{ for i, p in ["a", "b"] ~}\n    ${i}${p}\n    %{~ endfor }\n    %{ if true ~} yes %{ else ~} no %{ endif ~}\n    Z\n  EOT\n}',
  ),
  hcl("escapes", 'target "default" {\n args = { a = "\\t\\"\\\\\\u00e9", b = "$${x} %%{y} $ % $$" }\n}'),
  hcl("strip marks", 'target "default" {\n args = { a = "x ${~ "y" ~} z", b = "%{ if true ~} q %{~ endif } r" }\n}'),
  hcl(
    "functions with parameters",
    'function "tag" {\n params = [a, b]\n variadic_params = more\n result = ["${a}:${b}", join("-", more)]\n}\ntarget "default" {\n tags = tag("x", "y", "1", "2")\n}',
  ),
  hcl("a function with too few arguments", 'function "f" {\n params = [a, b]\n result = a\n}\ntarget "default" {\n tags = [f("x")]\n}'),
  hcl("arguments of a list", 'target "default" {\n tags = [format(["%s-%s", "a", "b"]...)]\n}'),
  hcl(
    "for-expressions",
    'target "default" {\n args = { a = join(",", [for x in ["c", "a"] : upper(x) if x != "a"]), b = join(",", keys({ for i, x in ["p", "q"] : x => i })), c = join(",", { for x in ["aa", "ab", "b"] : substr(x, 0, 1) => x... }["a"]) }\n}',
  ),
  hcl("splats", 'target "default" {\n tags = [{ n = "a" }, { n = "b" }][*].n\n platforms = [{ n = ["linux/amd64"] }].*.n[0]\n}'),
  hcl(
    "attributes of other targets",
    'target "default" {\n platforms = concat(target.b.platforms, ["linux/arm64"])\n tags = ["${target.b.context}:x"]\n}\ntarget "b" {\n platforms = ["linux/amd64"]\n context = "sub"\n}',
  ),
  hcl("attributes of each other in a circle", 'target "default" {\n tags = target.b.tags\n}\ntarget "b" {\n tags = target.default.tags\n}'),
  hcl(
    "linked targets",
    'target "default" {\n contexts = { base = "target:b" }\n}\ntarget "b" {\n output = ["type=image"]\n contexts = { c = "target:c" }\n}\ntarget "c" {}',
  ),
  hcl("a link to itself", 'target "default" {\n contexts = { base = "target:default" }\n}'),
  hcl("links in a circle", 'target "default" {\n contexts = { base = "target:b" }\n}\ntarget "b" {\n contexts = { base = "target:default" }\n}'),
  hcl("a link to what is not there", 'target "default" {\n contexts = { base = "target:b" }\n}'),
  hcl(
    "outputs as texts and objects",
    'target "default" {\n output = ["type=image,\\"name=a,b\\",push=true", { type = "local", dest = "out" }, "plain", "-"]\n cache-to = [{ type = "registry", ref = "x,y" }, "ref/only"]\n attest = [{ type = "provenance", mode = "max" }]\n}',
  ),
  hcl(
    "the same entry twice",
    'target "default" {\n output = ["type=image,push=true", { type = "image", push = "true" }]\n cache-from = ["type=gha", "type=gha"]\n}',
  ),
  hcl("built-in variables", 'target "default" {\n context = BAKE_CMD_CONTEXT\n platforms = [BAKE_LOCAL_PLATFORM]\n}'),
  hcl("a validation that holds", 'variable "A" {\n default = "x"\n validation {\n  condition = A != ""\n  error_message = "no A"\n }\n}\ntarget "default" {}'),
  hcl("a validation that fails", 'variable "A" {\n default = ""\n validation {\n  condition = A != ""\n  error_message = "no A"\n }\n}\ntarget "default" {}'),
  hcl("a default that is not of its type", 'variable "A" {\n type = number\n default = "x"\n}\ntarget "default" {}'),
  hcl("network of the host", 'target "default" {\n network = "host"\n entitlements = ["security.insecure"]\n}'),
  hcl("platforms by --set", PLAIN, { set: ["*.platform=linux/amd64", "*.platform=linux/arm64"] }),
  hcl("platforms added by --set", INHERITS, { set: ["default.platform+=linux/s390x"] }),
  hcl("many kinds of --set", PLAIN, {
    set: [
      "app.args.X.Y=1",
      "app.context=sub",
      "app.dockerfile=D",
      "app.target=t",
      "app.labels.a.b=c",
      "app.contexts.base=docker-image://x",
      "app.tags+=app:2",
      "app.no-cache=true",
      "app.pull=1",
      "app.cache-from=type=gha",
      "app.cache-to=type=gha,mode=max",
      "app.output=type=oci,dest=x",
      "app.attest=type=sbom",
      "app.network=none",
      "web.tags=",
    ],
  }),
  hcl("--push", PLAIN, { set: ["*.push=true"] }),
  hcl("--push=false", PLAIN, { set: ["*.push=false"] }),
  hcl("--load", PLAIN, { set: ["*.load=true"] }),
  hcl("--set of a target that is not there", PLAIN, { set: ["nope.platform=x"] }),
  hcl("--set of a key that is not there", PLAIN, { set: ["app.platforms=linux/amd64"] }),
  hcl("--set without a value", PLAIN, { set: ["app.platform"] }),
  hcl("--set of a switch to no switch", PLAIN, { set: ["app.pull=perhaps"] }),
  hcl("--set reaches what is inherited", INHERITS, { set: ["a.args.X=set", "b.cache-from+=type=local,src=."] }),
  {
    name: "a later file counts",
    files: {
      "docker-bake.hcl": PLAIN,
      "docker-bake.override.hcl":
        'variable "V" { default = "o" }\ntarget "app" {\n tags = ["over:${V}"]\n args = { A = V }\n}\ngroup "default" {\n targets = ["app"]\n}',
    },
  },
  {
    name: "a variable of another file",
    files: { "a.hcl": 'target "default" {\n tags = ["x:${V}"]\n}', "b.hcl": 'variable "V" { default = "b" }', "c.json": '{"variable":{"V":{"default":"c"}}}' },
  },
  {
    name: "compose under HCL",
    files: {
      "compose.yaml": "services:\n  app:\n    image: i\n    build:\n      context: c\n      args: { A: 1 }\n",
      "docker-bake.hcl": 'target "app" {\n platforms = ["linux/amd64"]\n args = { B = 2 }\n}',
    },
  },
  json("JSON", {
    variable: { TAG: { default: "latest" } },
    group: { default: { targets: ["app"] } },
    target: {
      app: {
        tags: ["a:${TAG}"],
        args: { A: 1, B: true, C: null, "k-${TAG}": '${upper("x")}' },
        platforms: ["linux/amd64"],
        "no-cache": true,
        output: [{ type: "image" }],
      },
    },
  }),
  json("JSON with functions", { function: { f: { params: ["a"], result: "<${a}>" } }, target: { default: { tags: ['${f("x")}'] } } }),
  json("JSON with a matrix", { target: { app: { name: "app-${v}", matrix: { v: ["1", "2"] }, args: { V: "${v}" } } } }, { targets: ["app"] }),
  { name: "JSON that is none", files: { "docker-bake.json": '{"target": {"default": {"tags": ["a",]}}}' } },
  compose("compose", "services:\n  web:\n    image: ghcr.io/o/web:${TAG:-latest}\n    build: ./web\n  db:\n    image: postgres\n"),
  compose(
    "variables of compose",
    "services:\n  web:\n    build:\n      context: ${DIR-d}\n      args:\n        A: ${SET:+yes}${SET+yes}\n        B: $$x ${UNSET} ${UNSET:-$SET} ${EMPTY:-e}${EMPTY-f}\n        SET:\n        GONE:\n",
    { environment: { SET: "s", EMPTY: "" } },
  ),
  compose(
    "merge keys and anchors",
    "x-a: &a\n  context: c\n  platforms: [linux/amd64, linux/arm64]\nservices:\n  one:\n    build:\n      <<: *a\n      target: t\n  two:\n    build: *a\n    image: i\n",
  ),
  compose(
    "x-bake",
    "services:\n  web:\n    image: i\n    build:\n      context: .\n      tags: [a]\n      x-bake:\n        tags: [b, c]\n        platforms: linux/amd64 linux/arm64\n        cache-from: [type=gha]\n        cache-to: type=gha,mode=max\n        output: [type=image]\n        no-cache: true\n        contexts:\n          base: docker-image://x\n",
  ),
  compose("profiles", "services:\n  a:\n    build: .\n    profiles: [p]\n  b:\n    build: .\n"),
  compose(
    "extends",
    "services:\n  a:\n    build:\n      context: a\n      target: t\n      args: { X: 1 }\n  b:\n    extends: a\n    image: i\n    build:\n      context: b\n",
  ),
  compose("names with dots", "services:\n  a.b:\n    build:\n      context: .\n      additional_contexts:\n        c: service:c.d\n  c.d:\n    build: .\n", {
    targets: ["a.b"],
  }),
  compose("attestations of compose", "services:\n  a:\n    build:\n      context: .\n      sbom: true\n      provenance: mode=max\n"),
  compose("no compose at all", "foo: bar\n"),
];
