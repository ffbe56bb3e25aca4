import { BUILDKIT_IMAGE } from "../../facts/buildx.ts";
import type { HostFacts } from "../facts.ts";
import { secretFree } from "../secret-free.ts";
import type { BuilderRegistries } from "./buildx-registries.ts";

/** What is to be known of a builder that is going to be taken, whoever made it. */
export function useNotes(name: string, facts: HostFacts): readonly string[] {
  const classic = facts.daemon.known && facts.daemon.value.store === "classic";
  return [
    `results stay in the builder's cache until they are pushed (--push) or loaded (--load)${classic ? "; Docker's classic image store takes one platform at a time" : ""}`,
    `\`docker buildx build\` takes it by itself; \`docker build\` only with --builder ${name} or BUILDX_BUILDER=${name}`,
  ];
}

/** What a new builder costs, and where it runs. */
export function creationNotes(
  facts: HostFacts,
  made: { readonly image: string | undefined; readonly registries: BuilderRegistries; readonly proxied: boolean },
): readonly string[] {
  const { image: given, registries, proxied } = made;
  const notes = [
    `the image "${given ?? BUILDKIT_IMAGE}" is pulled${given === undefined ? " (--image names another)" : ""}, and a container of it stays, with all rights (--privileged), with a volume for its cache, and is started anew with Docker`,
  ];
  notes.push(...placeNotes(facts, registries));
  if (proxied) notes.push("BuildKit itself does not use the proxy of this shell: where it needs one, make the builder with --driver-opt env.https_proxy=…");
  return notes;
}

function placeNotes(facts: HostFacts, { onLoopback }: BuilderRegistries): readonly string[] {
  const endpoint = facts.endpoint.known ? facts.endpoint.value : undefined;
  const daemon = facts.daemon.known ? facts.daemon.value : undefined;
  const notes: string[] = [];
  const hosts = onLoopback.map((host) => `"${host}"`).join(", ");
  const isFar = endpoint !== undefined && !/^(?:unix|npipe):/.test(endpoint.address);
  if (isFar) notes.push(`the builder runs on Docker's machine, "${secretFree(endpoint.address)}", not on this one`);
  if (isFar && endpoint.chosenBy === "DOCKER_HOST" && endpoint.address.startsWith("tcp:"))
    notes.push("Buildx makes no builder for a DOCKER_HOST with TLS: make a context of it first (docker context create)");
  if (hosts === "") {
    notes.push(
      "a registry on localhost is not reached from the builder, which has a network of its own; --insecure-registry localhost:PORT gives it this machine's",
    );
  } else if (isFar) notes.push(`${hosts} means Docker's machine there, not this one`);
  else if (daemon?.product !== undefined) notes.push(`${hosts} means ${daemon.product}'s virtual machine there, not this one`);
  else if (daemon?.rootless === true) notes.push(`rootless Docker has a network of its own: ${hosts} on this machine may not be reached from it`);
  return notes;
}
