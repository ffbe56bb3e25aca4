// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import { beforeAll, describe, expect, test } from "vitest";
import { type Grammars, loadGrammars, type StepGiven, scriptStep } from "../../../test/harness/script-step.ts";
import { shownOperations } from "../../../test/harness/shown-operations.ts";
import { operationsOfScript } from "./operations.ts";

let grammars: Grammars;
beforeAll(async () => {
  grammars = await loadGrammars();
});

const run = (script: string, given: StepGiven = {}): string[] => shownOperations(operationsOfScript(scriptStep(script, grammars, given)));

type Case = readonly [name: string, script: string, operations: readonly string[], given?: StepGiven];

function cases(all: readonly Case[]): void {
  for (const [name, script, operations, given] of all) {
    test(name, () => {
      expect(run(script, given)).toEqual(operations);
    });
  }
}

describe("builds", () => {
  cases([
    [
      "buildx, flags of all kinds",
      "docker buildx build --platform linux/amd64,linux/arm64 --platform=linux/arm/v7 -t a:1 --tag b:2 --push -f d/Dockerfile --cache-to type=gha --cache-from=type=gha -o type=oci,dest=x --provenance=false --sbom true --attest type=sbom --annotation index:a=b --label c=d --target t --build-arg V=1 --build-context n=docker-image://x --secret id=s --network host --allow security.insecure --builder b ./x/",
      [
        "build through=docker buildx build builder=b platforms=linux/amd64,linux/arm64,linux/arm/v7 tags=a:1,b:2 push=true outputs=type=oci,dest=x cacheTo=type=gha cacheFrom=type=gha provenance=false sbom=true attests=type=sbom annotations=index:a=b labels=c=d file=d/Dockerfile context=x stage=t buildArgs=V=1 buildContexts=n=docker-image://x secrets=id=s network=host allow=security.insecure",
      ],
    ],
    ["docker build", "docker build -t a .", ["build through=docker build tags=a context=."]],
    ["docker image build", "sudo -E docker image build .", ["build through=docker build context=."]],
    [
      "a matrix",
      "docker build --platform ${{ matrix.p }} -t a:${{ github.sha }} .",
      ["build through=docker build platforms=linux/arm64 tags=a:<github.sha> context=."],
      { expressions: { "matrix.p": "linux/arm64" } },
    ],
    [
      "a list with a hole",
      "docker buildx build --platform linux/amd64,linux/${{ inputs.a }} .",
      ["build through=docker buildx build platforms=linux/amd64,linux/<inputs.a> context=."],
    ],
    [
      "a hole that may be a list",
      "docker buildx build --platform $P .",
      ["build through=docker buildx build platforms=<inputs.p>+ context=."],
      { env: { P: { source: "inputs.p", atoms: ["inputs.p"] } } },
    ],
    [
      "a hole with its choices",
      "docker buildx build --platform $P .",
      ["build through=docker buildx build platforms=<linux/amd64|linux/arm64> context=."],
      { env: { P: { source: "matrix.p", atoms: ["matrix.p"], choices: ["linux/amd64", "linux/arm64"] } } },
    ],
    [
      "a list in a variable",
      'docker buildx build --platform "$P" .',
      ["build through=docker buildx build platforms=linux/amd64,linux/arm64 context=."],
      { env: { P: "linux/amd64, linux/arm64" } },
    ],
    ["switches", "docker buildx build --load=false --push=${{ inputs.push }} .", ["build through=docker buildx build push=?inputs.push context=."]],
    [
      "a hidden flag",
      "docker build $ARGS .",
      [
        "build through=docker build builder=<inputs.args> platforms=+ tags=+ push=? load=? outputs=+ cacheTo=+ cacheFrom=+ attests=+ annotations=+ labels=+ context=. buildArgs=+ buildContexts=+ secrets=+ allow=+",
      ],
      { env: { ARGS: { source: "inputs.args", atoms: ["inputs.args"] } } },
    ],
    ["the only argument is the context", "docker build -t a $DIR", ["build through=docker build tags=a context=<$DIR>"]],
    [
      "flags that may be there",
      'if [ $X ]; then F="--push"; fi\ndocker buildx build $F -t a --platform linux/arm64 .',
      ["build through=docker buildx build platforms=linux/arm64 tags=a push=? context=."],
    ],
    [
      "flags in an array",
      'args=(--platform linux/arm64 -t a)\nargs+=(--push)\ndocker buildx build "${args[@]}" .',
      ["build through=docker buildx build platforms=linux/arm64 tags=a push=true context=."],
    ],
    [
      "the builder of the environment",
      "export BUILDX_BUILDER=b\nA=1\ndocker buildx build .\nBUILDX_BUILDER=c DOCKER_BUILDKIT=0 docker build .",
      [
        "build through=docker buildx build variables=BUILDX_BUILDER:b context=.",
        "build through=docker build variables=BUILDX_BUILDER:c,DOCKER_BUILDKIT:0 context=.",
      ],
    ],
    [
      "the step's own variables",
      "docker build .",
      ["build through=docker build variables=BUILDX_BUILDER:<steps.b.outputs.name>,DOCKER_HOST:tcp://x context=."],
      { env: { DOCKER_HOST: "tcp://x", BUILDX_BUILDER: { source: "steps.b.outputs.name", atoms: ["steps.b.outputs.name"] }, OTHER: "x" } },
    ],
    [
      "a context of the client",
      "docker --context c buildx build .\ndocker -H tcp://y build .",
      ["build through=docker buildx build variables=DOCKER_CONTEXT:c context=.", "build through=docker build variables=DOCKER_HOST:tcp://y context=."],
    ],
    [
      "a platform by default",
      "DOCKER_DEFAULT_PLATFORM=linux/arm64 docker build .",
      ["build through=docker build variables=DOCKER_DEFAULT_PLATFORM:linux/arm64 platforms=linux/arm64 context=."],
    ],
    [
      "folders",
      'cd sub && docker build -f ../D --build-arg A=b .\ncd "$X"\ndocker build -f E f',
      ["build through=docker build file=top/D context=top/sub buildArgs=A=b", "build through=docker build file=<$PWD>/E context=<$PWD>/f"],
      { directory: "top" },
    ],
    [
      "the workspace by name",
      "cd $GITHUB_WORKSPACE/sub\ndocker build -f ${{ github.workspace }}/D https://github.com/a/b.git",
      ["build through=docker build file=D context=https://github.com/a/b.git"],
    ],
    [
      "a Dockerfile that is read",
      "docker build -t a - <<EOF\nFROM x\nEOF\ndocker build -f - . < D\necho FROM z | docker build -f- .",
      [
        "build through=docker build tags=a inline=FROM x\n context=-",
        "build through=docker build file=D context=.",
        "build through=docker build inline=FROM z context=.",
      ],
    ],
    [
      "a Dockerfile that was written",
      "cat > Dockerfile.x <<'E'\nFROM $y\nE\ndocker build -f Dockerfile.x .",
      ["write-file path=Dockerfile.x", "build through=docker build file=Dockerfile.x inline=FROM $y\n context=."],
    ],
    ["it only asks", "docker buildx build --check .", ["build through=docker buildx build context=. onlyAsks=true"]],
    [
      "podman and buildah",
      "podman build --platform linux/amd64,linux/arm64 --manifest m -t x .\nbuildah bud --arch arm --variant v7 -t y .\npodman build --all-platforms .",
      [
        "build through=podman platforms=linux/amd64,linux/arm64 tags=x context=. manifest=m",
        "build through=buildah platforms=linux/arm/v7 tags=y context=.",
        "build through=podman platforms=+ context=.",
      ],
    ],
    ["a tool that is chosen elsewhere", "$TOOL build -t a .", ["?build through=docker build tags=a context=."]],
    [
      "ko",
      "ko build --platform=linux/amd64,linux/arm64 ./cmd",
      [
        "build through=other platforms=linux/amd64,linux/arm64 tags=+ push=? load=? annotations=+ labels=+ context=<$@> buildArgs=+ buildContexts=+ secrets=+ allow=+",
      ],
    ],
  ]);
});

describe("builders", () => {
  cases([
    [
      "create",
      "docker buildx create --use --name b --driver docker-container --driver-opt network=host,image=x --driver-opt '\"env.no_proxy=a,b\"' --platform linux/arm64 --bootstrap --config buildkitd.toml ctx",
      [
        'create-builder name=b driver=docker-container endpoint=ctx driverOptions=network=host,image=x,"env.no_proxy=a,b" platforms=linux/arm64 use=true config=debug = true',
      ],
      { files: { "buildkitd.toml": "debug = true" } },
    ],
    ["create and use what was made", "docker buildx use $(docker buildx create)", ["create-builder driver=docker-container use=true"]],
    [
      "create and use by the name that was printed",
      "B=$(docker buildx create --name multi --append)\ndocker buildx use $B\ndocker buildx rm $B",
      ["create-builder name=multi driver=docker-container append=true", "use-builder name=multi", "remove-builder names=multi"],
    ],
    ["an unknown driver", "docker buildx create --driver=$D", ["create-builder driver=unknown"]],
    ["a configuration from elsewhere", "docker buildx create --config /tmp/x.toml", ["create-builder driver=docker-container config=null"]],
    [
      "unless it is there: it is not",
      "docker buildx inspect m || docker buildx create --name m --use\ndocker buildx use n || docker buildx create --name n --use",
      ["create-builder name=m driver=docker-container use=true", "create-builder name=n driver=docker-container use=true"],
    ],
    [
      "unless it is there: it is",
      "docker buildx create --name m\ndocker buildx inspect m || docker buildx create --name m --use",
      ["create-builder name=m driver=docker-container"],
    ],
    [
      "unless it is there, by if",
      "if ! docker buildx inspect k > /dev/null 2>&1; then\n  docker buildx create --name k --use\nelse\n  docker buildx use k\nfi",
      ["create-builder name=k driver=docker-container use=true"],
    ],
    ["unless something else", "test -e x || docker buildx create --name m --use", ["?create-builder name=m driver=docker-container use=true"]],
    ["looking changes nothing", "docker buildx inspect --bootstrap\ndocker buildx ls\ndocker buildx create --leave --name a", []],
    [
      "the rest",
      "docker buildx install\ndocker buildx rm a b\ndocker buildx rm --all-inactive\ndocker context create c --docker host=ssh://x\ndocker context use c",
      ["install-buildx", "remove-builder names=a,b", "remove-builder names=+", "create-context name=c endpoint=ssh://x", "use-context name=c"],
    ],
  ]);
});

describe("machine", () => {
  cases([
    [
      "emulators by image",
      "docker run --rm --privileged tonistiigi/binfmt --install arm64,riscv64\ndocker run --privileged docker.io/tonistiigi/binfmt:qemu-v8 --install all\ndocker run --rm --privileged multiarch/qemu-user-static:latest --reset -p yes\ndocker run --rm --privileged docker/binfmt:a7996909\ndocker run --rm --privileged aptman/qus -s -- -p aarch64 arm\ndocker run --rm --privileged linuxkit/binfmt:v0.8",
      [
        "install-emulators architectures=arm64,riscv64 image=tonistiigi/binfmt",
        "install-emulators architectures=all image=docker.io/tonistiigi/binfmt:qemu-v8",
        "install-emulators architectures=all image=multiarch/qemu-user-static:latest",
        "install-emulators architectures=all image=docker/binfmt:a7996909",
        "install-emulators architectures=arm64,arm image=aptman/qus",
        "install-emulators architectures=all image=linuxkit/binfmt:v0.8",
      ],
    ],
    [
      "emulators of which nobody knows",
      "docker run --privileged tonistiigi/binfmt --install $A",
      ["install-emulators image=tonistiigi/binfmt"],
      { env: { A: { source: "inputs.a", atoms: ["inputs.a"] } } },
    ],
    ["asking for emulators", "docker run --privileged tonistiigi/binfmt", []],
    [
      "emulators by package",
      "sudo apt-get update && sudo apt-get install -y qemu-user-static binfmt-support\napt-get install -y curl",
      ["install-emulators architectures=all image=qemu-user-static"],
    ],
    [
      "a configuration and a restart",
      'echo \'{"features":{"containerd-snapshotter":true}}\' | sudo tee /etc/docker/daemon.json\nsudo systemctl restart docker',
      ["write-file path=/etc/docker/daemon.json", 'start-daemon version=28.0.4 config={"features":{"containerd-snapshotter":true}} store=classic'],
    ],
    [
      "a configuration as here-document",
      'sudo tee /etc/docker/daemon.json > /dev/null <<EOF\n{"a": $X}\nEOF\nsudo systemctl daemon-reload && sudo systemctl restart docker.service',
      ["write-file path=/etc/docker/daemon.json", 'start-daemon version=28.0.4 config={"a": 1}\n store=classic'],
      { env: { X: "1" } },
    ],
    [
      "a changed configuration",
      "jq '.a=true' /etc/docker/daemon.json > /tmp/d.json && sudo mv /tmp/d.json /etc/docker/daemon.json\nsudo service docker restart",
      ["write-file path=/tmp/d.json", "write-file path=/etc/docker/daemon.json", "start-daemon version=28.0.4 config=null store=classic"],
    ],
    [
      "a configuration of the repository",
      "sudo cp .github/daemon.json /etc/docker/daemon.json\nsudo systemctl restart docker",
      ["write-file path=/etc/docker/daemon.json", "start-daemon version=28.0.4 config={} store=classic"],
      { files: { ".github/daemon.json": "{}" } },
    ],
    ["a restart of what is there", "sudo systemctl restart docker\nsystemctl status docker", []],
    ["a daemon of one's own", "dockerd --host tcp://x &", ["start-daemon config=null"]],
  ]);
});

describe("images", () => {
  cases([
    [
      "push, pull, tag, save, load, run",
      "docker save -o x.tar a b\ndocker load -i x.tar\ndocker tag a b\ndocker push b\ndocker pull --platform linux/arm64 x\ndocker run --platform linux/arm64 -p 5000:5000 -d registry:2 a b",
      [
        "save-image images=a,b",
        "write-file path=x.tar",
        "load-image",
        "tag-image tool=docker source=a targets=b",
        "push-image tool=docker image=b",
        "pull-image tool=docker image=x platform=linux/arm64",
        "run-container image=registry:2 platform=linux/arm64 ports=5000:5000 arguments=a,b",
      ],
    ],
    [
      "log in",
      'echo "${{ secrets.T }}" | docker login ghcr.io -u ${{ github.actor }} --password-stdin\ndocker login -u me -p $PW\naws ecr get-login-password | docker login --username AWS --password-stdin 1.dkr.ecr.eu.amazonaws.com\ndocker login quay.io -u x --password-stdin <<< "$PW"',
      [
        "log-in registry=ghcr.io username=<github.actor> password=<secrets.T> tool=docker",
        "log-in username=me password=<secrets.PW> tool=docker",
        "log-in registry=1.dkr.ecr.eu.amazonaws.com username=AWS tool=docker",
        "log-in registry=quay.io username=x password=<secrets.PW> tool=docker",
      ],
      { env: { PW: { source: "secrets.PW", atoms: ["secrets.PW"] } } },
    ],
    [
      "log in by other tools",
      "skopeo login -u a -p b quay.io\ncrane auth login ghcr.io -u x --password-stdin\ngcloud auth configure-docker us-docker.pkg.dev,eu-docker.pkg.dev --quiet\naz acr login --name x\ndoctl registry login",
      [
        "log-in registry=quay.io username=a password=b tool=skopeo",
        "log-in registry=ghcr.io username=x tool=crane",
        "log-in registry=us-docker.pkg.dev tool=other",
        "log-in registry=eu-docker.pkg.dev tool=other",
        "log-in registry=x.azurecr.io tool=other",
        "log-in registry=registry.digitalocean.com tool=other",
      ],
    ],
    [
      "merge of digests",
      'docker buildx imagetools create $(jq -cr \'.tags | map("-t " + .) | join(" ")\' <<< "$DOCKER_METADATA_OUTPUT_JSON") \\\n  $(printf \'${{ env.IMAGE }}@sha256:%s \' *)\ndocker buildx imagetools inspect x',
      ["create-index tool=imagetools names=+ sources=user/app@sha256:<$(echo *)>+ pushes=true"],
      { expressions: { "env.IMAGE": "user/app" } },
    ],
    [
      "merge by variables",
      'docker buildx imagetools create -t "$I:latest" $(printf "$I@sha256:%s " *)',
      ["create-index tool=imagetools names=u/a:latest sources=u/a@sha256:<$(echo *)>+ pushes=true"],
      { env: { I: "u/a" } },
    ],
    [
      "tags of docker/metadata-action, which it leaves in the environment too",
      'docker buildx imagetools create $(jq -cr \'.tags | map("-t " + .) | join(" ")\' <<< "$DOCKER_METADATA_OUTPUT_JSON") $(printf \'u/a@sha256:%s \' *)',
      ["create-index tool=imagetools names=u/a:1,u/a:latest sources=u/a@sha256:<$(echo *)>+ pushes=true"],
      { env: { DOCKER_METADATA_OUTPUT_TAGS: "u/a:1\nu/a:latest" } },
    ],
    [
      "some of its tags are not all",
      'docker buildx imagetools create $(jq -cr \'.tags | map(select(startswith("u/a"))) | map("-t " + .) | join(" ")\' <<< "$DOCKER_METADATA_OUTPUT_JSON") x',
      ["create-index tool=imagetools names=+ sources=x pushes=true"],
      { env: { DOCKER_METADATA_OUTPUT_TAGS: "u/a:1\nu/b:1" } },
    ],
    [
      "tags of a variable, as flags",
      "docker buildx imagetools create $(printf -- '-t %s ' ${TAGS//,/ }) $(printf \"$I@sha256:%s \" *)",
      ["create-index tool=imagetools names=u/a:1,u/b:1,u/c:2 sources=u/a@sha256:<$(echo *)>+ pushes=true"],
      { env: { I: "u/a", TAGS: "u/a:1,u/b:1\nu/c:2\n" } },
    ],
    [
      "tags of a variable that nobody knows",
      "docker buildx imagetools create $(printf -- '-t %s ' $TAGS) x",
      ["create-index tool=imagetools names=+ sources=x pushes=true"],
    ],
    [
      "docker manifest",
      "docker manifest create --amend a:1 a:amd64 a:arm64\ndocker manifest annotate a:1 a:arm64 --arch arm64\ndocker manifest push -p a:1",
      [
        "create-index tool=docker manifest names=a:1 sources=a:amd64,a:arm64 amend=true",
        "annotate-index name=a:1 image=a:arm64 architecture=arm64",
        "push-index tool=docker manifest name=a:1 all=true",
      ],
    ],
    [
      "podman's lists",
      "buildah manifest create l a b\npodman manifest add l c\npodman manifest push --all l docker://r/l\nbuildah push z",
      [
        "create-index tool=buildah names=l sources=a,b",
        "create-index tool=podman names=l sources=c amend=true",
        "push-index tool=podman name=l all=true",
        "push-image tool=buildah image=z",
      ],
    ],
    [
      "other tools",
      "cosign sign --yes -r a@sha256:x\ncrane index append -m a -m b -t c\nregctl index create x --ref a --ref b\nskopeo copy --all docker://a docker://b\nskopeo copy docker://a docker://c\noras manifest index create x a b\ncrane copy a b",
      [
        "sign-image tool=cosign images=a@sha256:x recursive=true",
        "create-index tool=other names=c sources=a,b pushes=true",
        "create-index tool=other names=x sources=a,b pushes=true",
        "create-index tool=other names=b sources=a pushes=true",
        "create-index tool=other names=x sources=a,b pushes=true",
        "create-index tool=other names=b sources=a pushes=true",
      ],
    ],
    [
      "deploying",
      "aws lambda update-function-code --function-name f --image-uri i:1\naws s3 ls\ngcloud run deploy s --image g/i --region r\ngcloud run services list",
      ["deploy to=lambda image=i:1", "deploy to=cloud-run image=g/i"],
    ],
    [
      "bake",
      "docker buildx bake --push app\ndocker buildx bake -f nope.hcl\nTAG=2 docker buildx bake --set '*.platform=linux/arm64' --print\nexport TAG=3\ndocker buildx bake",
      [
        "build through=docker buildx bake name=app platforms=linux/amd64,linux/arm64 tags=a:1 push=true file=sub/D context=sub",
        "build through=docker buildx bake platforms=+ tags=+ push=? load=? outputs=+ cacheTo=+ cacheFrom=+ attests=+ annotations=+ labels=+ context=<$@> buildArgs=+ buildContexts=+ secrets=+ allow=+",
        "build through=docker buildx bake name=app platforms=linux/arm64 tags=a:2 file=sub/D context=sub onlyAsks=true",
        "build through=docker buildx bake name=app platforms=linux/amd64,linux/arm64 tags=a:3 file=sub/D context=sub",
      ],
      {
        files: {
          "docker-bake.hcl":
            'variable "TAG" { default = "1" }\ntarget "app" {\n context = "sub"\n dockerfile = "D"\n tags = ["a:${TAG}"]\n platforms = ["linux/amd64", "linux/arm64"]\n}\ngroup "default" { targets = ["app"] }\n',
        },
      },
    ],
    [
      "compose",
      "docker compose build --push\ndocker compose -f x/c.yml up -d\ndocker-compose push web\ndocker compose down",
      [
        "build through=docker compose name=web platforms=linux/amd64,linux/arm64 tags=w:1 push=true outputs=type=image cacheTo=type=gha context=.",
        "build through=docker compose name=a load=true context=x/a",
        "push-image tool=docker image=w:1",
      ],
      {
        files: {
          "compose.yaml":
            "services:\n  web:\n    image: w:1\n    build:\n      context: .\n      platforms: [linux/amd64, linux/arm64]\n      cache_to: [type=gha]\n",
          "x/c.yml": "services:\n  a:\n    build: ./a\n  b:\n    image: z\n",
        },
      },
    ],
    [
      "what compose runs is of one platform",
      "docker compose build many\ndocker compose up -d --build many pinned",
      [
        "build through=docker compose name=many platforms=linux/amd64,linux/arm64 outputs=type=image context=.",
        "build through=docker compose name=many load=true context=.",
        "build through=docker compose name=pinned platforms=linux/arm64 load=true context=.",
      ],
      {
        files: {
          "compose.yaml":
            "services:\n  many:\n    build:\n      context: .\n      platforms: [linux/amd64, linux/arm64]\n  pinned:\n    platform: linux/arm64\n    build: .\n",
        },
      },
    ],
    ["nothing to do with images", "echo docker build .\nnpm ci\n# docker push x\ngit push\ndocker info\ndocker --version", []],
  ]);
});

describe("conditions and loops", () => {
  cases([
    [
      "what is done for its own sake is no question",
      "cd x && docker push a\nmkdir -p y && docker push b\ndocker tag a b && docker push b",
      ["push-image tool=docker image=a", "push-image tool=docker image=b", "tag-image tool=docker source=a targets=b", "push-image tool=docker image=b"],
    ],
    [
      "questions",
      "grep -q x y && docker push b\n[ -n x ] && docker push c\ndocker image inspect d && docker push d\nfalse || docker push e",
      ["?push-image tool=docker image=b", "push-image tool=docker image=c", "?push-image tool=docker image=d", "push-image tool=docker image=e"],
    ],
    [
      "questions whose words are known",
      'if [ "${{ matrix.p }}" = arm64 ]; then docker push a; else docker push b; fi\n[[ $IMG == ghcr.io/* ]] && docker push c\n[ -z "$IMG" ] && docker push d\ncase "$IMG" in docker.io/*) docker push e;; *) docker push f;; esac',
      ["push-image tool=docker image=a", "push-image tool=docker image=c", "push-image tool=docker image=f"],
      { expressions: { "matrix.p": "arm64" }, env: { IMG: "ghcr.io/a" } },
    ],
    [
      "questions whose words are known in part",
      'V=v$T\n[ -n "$V" ] && docker push a\n[ "$V" = v1 ] && docker push b\nif [ "$X" = y ] || [ a = b ]; then docker push c; fi',
      ["push-image tool=docker image=a", "?push-image tool=docker image=b", "?push-image tool=docker image=c"],
      { env: { T: { source: "github.ref", atoms: [] } } },
    ],
    ["a question before deeds", '[ "$X" = y ] && docker login -u a && docker push b', ["?log-in username=a tool=docker", "?push-image tool=docker image=b"]],
    ["nothing after a certain end", "[ a = a ] && exit 0\ndocker push a", []],
    ["all after an end that does not come", "if [ a = b ]; then exit 0; fi\ndocker push a", ["push-image tool=docker image=a"]],
    ["a variable that is only taken to be unset", '[ -z "$P" ] && P=x\ndocker push $P', ["?push-image tool=docker image=x"]],
    [
      "branches",
      "if [ $A = b ]; then docker push a; else docker push b; fi\ncase $A in x) docker push c;; esac\nwhile x; do docker push d; done\ndocker push e",
      [
        "?push-image tool=docker image=a",
        "?push-image tool=docker image=b",
        "?push-image tool=docker image=c",
        "?push-image tool=docker image=d",
        "push-image tool=docker image=e",
      ],
    ],
    ["after an early end", "if [ $A ]; then exit 0; fi\ndocker push a", ["?push-image tool=docker image=a"]],
    [
      "rounds of a loop",
      "for p in amd64 arm64; do\n  t=a:$p\n  docker build --platform linux/$p -t $t .\n  docker push $t\ndone\ndocker push z",
      [
        "build through=docker build platforms=linux/amd64 tags=a:amd64 context=.",
        "push-image tool=docker image=a:amd64",
        "build through=docker build platforms=linux/arm64 tags=a:arm64 context=.",
        "push-image tool=docker image=a:arm64",
        "push-image tool=docker image=z",
      ],
    ],
    [
      "a loop in a loop",
      "for i in a b; do for p in 1 2; do docker push $i:$p; done; done",
      ["push-image tool=docker image=a:1", "push-image tool=docker image=a:2", "push-image tool=docker image=b:1", "push-image tool=docker image=b:2"],
    ],
    ["a loop of unknown words", "for p in $X; do docker push a:$p; done", ["?push-image tool=docker image=a:<$p>"]],
    ["tries", "for i in 1 2 3; do docker push a && break; sleep 5; done", ["push-image tool=docker image=a"]],
    ["a function", 'f() { docker push "$1"; }\nf a\nf b', ["push-image tool=docker image=a", "push-image tool=docker image=b"]],
    ["bash -c", "bash -c 'docker push a'", ["push-image tool=docker image=a"]],
  ]);
});

describe("make", () => {
  cases([
    [
      "a target",
      "make docker-build IMG=x/y:1",
      [
        "write-file path=bin/m",
        "build through=docker buildx build platforms=linux/arm64,linux/amd64 tags=x/y:1 file=Dockerfile.x context=.",
        "remove-builder names=p",
      ],
      {
        files: {
          Makefile:
            "IMG ?= a\nPLATFORMS ?= linux/arm64,linux/amd64\ninclude mk/x.mk\ndocker-build: gen\n\tdocker buildx build --platform=$(PLATFORMS) --tag ${IMG} -f $(DF) .\n\t-docker buildx rm p\ngen:\n\tgo build -o bin/m .\n",
          "mk/x.mk": "DF = Dockerfile.x\n",
        },
      },
    ],
    [
      "variables of the environment",
      "make b",
      ["build through=docker build platforms=linux/s390x tags=a:<github.sha>-<github.sha> context=."],
      {
        env: { TAG: { source: "github.sha", atoms: ["github.sha"] }, PLATFORMS: "linux/s390x" },
        files: { Makefile: "PLATFORMS ?= linux/arm64,linux/amd64\nb:\n\tdocker build --platform $(PLATFORMS) -t a:$(TAG)-$$TAG .\n" },
      },
    ],
    [
      "exported by the script",
      "export P=linux/arm64\nQ=x make b",
      ["build through=docker build platforms=linux/arm64 tags=x context=."],
      { files: { Makefile: "b:\n\tdocker build --platform $(P) -t $(Q) .\n" } },
    ],
    [
      "exported by the Makefile",
      "make b Q=2",
      ["build through=docker build platforms=linux/arm64 tags=<$(value)>-2 context=."],
      { files: { Makefile: "export P = linux/arm64\nexport T := $(shell date)\nb:\n\tdocker build --platform $$P -t $$T-$$Q .\n" } },
    ],
    [
      "set anew by the Makefile",
      "DOCKER_DEFAULT_PLATFORM=linux/s390x make b",
      ["build through=docker build variables=DOCKER_DEFAULT_PLATFORM:linux/arm64 platforms=linux/arm64 tags=a context=."],
      { files: { Makefile: "DOCKER_DEFAULT_PLATFORM = linux/arm64\nb:\n\tdocker build -t a .\n" } },
    ],
    [
      "a build in a define",
      "make b",
      ["build through=docker buildx build platforms=linux/arm64,linux/amd64 tags=x/a:1,y/a:1 push=true file=D context=."],
      {
        files: {
          Makefile:
            "define build\n\t@docker buildx build --platform linux/arm64,linux/amd64 \\\n\t\t$(foreach repo,x y,$(foreach tag,$(2),-t $(repo)/$(tag))) \\\n\t\t-f $(1) --push .\nendef\nb:\n\t$(call build,D,a:1)\n",
        },
      },
    ],
    [
      "a variable that nobody knows",
      "make b",
      ["build through=docker build tags=a:<$(value)> context=."],
      { files: { Makefile: "V := $(shell git describe)\nb:\n\tdocker build -t a:$(V) .\n" } },
    ],
    [
      "a matrix value on the command line",
      "make b ARCH=${{ matrix.arch }} T=${{ github.sha }}",
      ["build through=docker build platforms=linux/arm64 tags=a:<github.sha> context=."],
      { expressions: { "matrix.arch": "arm64" }, files: { Makefile: "b:\n\tdocker build --platform linux/$(ARCH) -t a:$(T) .\n" } },
    ],
    [
      "make in make",
      "make all -C sub",
      ["push-image tool=docker image=a"],
      { files: { "sub/Makefile": "all:\n\t$(MAKE) all\n\t$(MAKE) -C .. top\n", Makefile: "top:\n\tdocker push a\n\t$(MAKE) -C sub all\n" } },
    ],
    [
      "in a folder",
      "make -C sub b\nmake -f other.mk c",
      ["build through=docker build tags=v context=sub/d", "push-image tool=docker image=c"],
      { files: { "sub/Makefile": "include ./v.mk\nb:\n\tdocker build -t $(X) d\n", "sub/v.mk": "X = v\n", "other.mk": "c:\n\tdocker push c\n" } },
    ],
    [
      "under a condition that nobody knows",
      "make b",
      ["?push-image tool=docker image=a", "push-image tool=docker image=b"],
      { files: { Makefile: "b:\nifeq ($(shell uname),Linux)\n\tdocker push a\nendif\n\tdocker push b\n" } },
    ],
    [
      "no such target, but more may be included",
      "make docker-push\nmake test",
      ['doubt sentence=nobody knows what "make docker-push" does to images about=image'],
      { files: { Makefile: "include x.mk\nall:\n\techo\n" } },
    ],
    [
      "no Makefile",
      "make image\nmake test\nmake -C other push",
      [
        'doubt sentence=nobody knows what "make image" (its Makefile is not in the repository) does to images about=image',
        'doubt sentence=nobody knows what "make push" (its Makefile is not in the repository) does to images about=image',
      ],
    ],
    [
      "a target that nobody knows",
      "make $T",
      ['doubt sentence=nobody knows what "make $@" does to images about=login,image'],
      { files: { Makefile: "a:\n\tdocker push x\n" } },
    ],
    ["a dry run", "make -n b", [], { files: { Makefile: "b:\n\tdocker push x\n" } }],
    [
      "a script in a recipe",
      "make b",
      ["push-image tool=docker image=z"],
      { files: { Makefile: "b:\n\tcd d && ../s.sh $(A)\nA = z\n", "s.sh": "docker push $1\n" } },
    ],
  ]);
});

describe("scripts of the repository", () => {
  cases([
    [
      "with arguments",
      "./hack/build.sh arm64 x\nbash scripts/y.sh",
      ["build through=docker build platforms=linux/arm64 tags=x context=.", "push-image tool=docker image=i"],
      {
        files: {
          "hack/build.sh":
            '#!/usr/bin/env bash\nset -e\ncd "$(dirname "$0")/.."\nARCH=$1\nshift\ndocker build --platform linux/$ARCH -t "$@" .\n./hack/build.sh\n',
          "scripts/y.sh": "docker push $IMG",
        },
        env: { IMG: "i" },
      },
    ],
    [
      "its own folder",
      "sh a/b/s.sh",
      ["build through=docker build context=a/x", "build through=docker build context=y"],
      { files: { "a/b/s.sh": 'D=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)\ndocker build $D/x\ndocker build "$(git rev-parse --show-toplevel)/y"\n' } },
    ],
    [
      "a variable that was exported",
      "X=1\nexport Y=2\nZ=3 ./s.sh",
      ["push-image tool=docker image=a:023"],
      { files: { "s.sh": "docker push a:${X:-0}$Y$Z\n" } },
    ],
    [
      "read in",
      "source env.sh\n. ./f.sh",
      [
        "push-image tool=docker image=a",
        "push-image tool=docker image=b variables=BUILDX_BUILDER:<$BUILDX_BUILDER>,BUILDX_NO_DEFAULT_ATTESTATIONS:<$BUILDX_NO_DEFAULT_ATTESTATIONS>,DOCKER_BUILDKIT:<$DOCKER_BUILDKIT>,DOCKER_CONTEXT:<$DOCKER_CONTEXT>,DOCKER_DEFAULT_PLATFORM:<$DOCKER_DEFAULT_PLATFORM>,DOCKER_HOST:<$DOCKER_HOST>",
      ],
      { files: { "env.sh": "docker push a\n", "f.sh": "docker push b\n" } },
    ],
    ["under a condition", "if x; then ./s.sh; fi", ["?push-image tool=docker image=a"], { files: { "s.sh": "docker push a\n" } }],
    [
      "by the workspace",
      "$GITHUB_WORKSPACE/s.sh\n${{ github.workspace }}/s.sh",
      ["push-image tool=docker image=a", "push-image tool=docker image=a"],
      { files: { "s.sh": "docker push a\n" } },
    ],
    [
      "it is not there",
      "./build-image.sh\n./test.sh\n$D/docker.sh",
      [
        'doubt sentence=nobody knows what "build-image.sh" does to images about=image',
        'doubt sentence=nobody knows what "docker.sh" does to images about=image',
      ],
    ],
    [
      "it is no shell",
      "python x.py\n./y\nnode z.js",
      ['doubt sentence=nobody knows what "x.py" does to images about=login,image', 'doubt sentence=nobody knows what "y" does to images about=login,image'],
      { files: { "x.py": "run(['docker', 'build'])", y: "#!/usr/bin/env python3\nimport docker\n", "z.js": "1" } },
    ],
    [
      "of a package",
      "npm run img\nyarn img\nnpm run other\nnpm test",
      ["build through=docker build tags=n context=.", "build through=docker build tags=n context=."],
      { files: { "package.json": '{"scripts":{"img":"docker build -t n ."}}' } },
    ],
  ]);
});

describe("what is written", () => {
  cases([
    [
      "files",
      "go build -o bin/app ./cmd\ncp a b\ncp c d/\ncurl -o x.tgz https://x\nwget -O y z\necho x > $GITHUB_STEP_SUMMARY\necho > out.txt\necho x > /dev/null",
      ["write-file path=bin/app", "write-file path=b", "write-file path=d/c", "write-file path=x.tgz", "write-file path=y", "write-file path=out.txt"],
    ],
    [
      "variables",
      'echo A=1 >> $GITHUB_ENV\nif x; then echo "B=${{ github.sha }}" >> $GITHUB_ENV; fi',
      ["set-variable name=A value=1", "?set-variable name=B value=<github.sha>"],
    ],
  ]);
});

describe("other shells", () => {
  cases([
    ["PowerShell", "docker build .", ['doubt sentence=nobody knows what this script of "pwsh" does to images about=login,image'], { shell: "pwsh" }],
    ["PowerShell about something else", "Get-Item x", [], { shell: "pwsh" }],
    ["sh", "docker push a", ["push-image tool=docker image=a"], { shell: "sh -e {0}" }],
    [
      "a folder that nobody knows",
      "docker build -f D .\n./build.sh",
      ["build through=docker build file=<$PWD>/D context=<$PWD>/.", 'doubt sentence=nobody knows what "build.sh" does to images about=image'],
      { directory: undefined },
    ],
  ]);
});

describe("bad input", () => {
  cases([
    ["broken", "if then docker build \n(((", ["doubt sentence=nobody knows what the part of this script that cannot be read does to images about=login,image"]],
    [
      "an open quote",
      "docker build 't",
      [
        "?build through=docker build context=<$@>",
        "doubt sentence=nobody knows what the part of this script that cannot be read does to images about=login,image",
      ],
    ],
    ["a mistake that has nothing to do with images", "if then (((", []],
    ["an empty script", "", []],
  ]);
});
