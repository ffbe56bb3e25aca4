import { expect, test } from "vitest";
import { buildOf } from "./actions/asked.ts";
import { exportersOf } from "./exporters.ts";
import { knownText, type Switch } from "./text.ts";

const place = { file: { name: "x.yml", text: "" }, span: { start: 0, end: 0 } };
const on: Switch = { value: true, atoms: [], place };

const CASES: readonly [through: "docker buildx bake" | "docker buildx build", outputs: string[], asked: "push" | "load", wanted: string[]][] = [
  ["docker buildx build", [], "push", ["image pushed"]],
  ["docker buildx build", ["type=local,dest=out"], "push", ["local", "image pushed"]],
  ["docker buildx build", ["type=local,dest=out"], "load", ["local", "docker"]],
  ["docker buildx bake", [], "push", ["image pushed"]],
  ["docker buildx bake", ["type=image"], "push", ["image pushed"]],
  ["docker buildx bake", ["type=docker"], "push", ["docker", "image pushed"]],
  ["docker buildx bake", ["type=local,dest=out"], "push", ["local"]],
  ["docker buildx bake", ["type=oci,dest=x.tar"], "push", ["oci"]],
  ["docker buildx bake", ["type=local,dest=out"], "load", ["local"]],
  ["docker buildx bake", ["type=oci,dest=x.tar"], "load", ["oci", "docker"]],
];

test.each(CASES)("%s with %j and %s", (through, outputs, asked, wanted) => {
  const items = outputs.map((output) => knownText(output, place));
  const build = buildOf(place, through, { outputs: { items, open: false, place }, [asked]: on });
  expect(exportersOf(build).map(({ type, push }) => `${type}${push === true ? " pushed" : ""}`)).toEqual(wanted);
});
