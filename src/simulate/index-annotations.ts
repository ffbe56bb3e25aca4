import type { Build } from "./operation.ts";
import type { Text } from "./text.ts";

/** `index:key=value`, `manifest,index-descriptor[linux/amd64]:key=value`. */
const INDEX_LEVEL = /^(?:[^:=]*,)?index(?:-descriptor)?(?:\[[^\]]*\])?(?:,[^:=]*)?:/;

/** Annotations of a build that go to its index. */
export const indexAnnotations = ({ annotations }: Build): readonly Text[] =>
  annotations.items.filter(({ parts: [first] }) => typeof first === "string" && INDEX_LEVEL.test(first));
