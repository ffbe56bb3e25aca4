import { expect, test } from "vitest";
import { tagsIn, writtenRepository } from "./repository.ts";

test.each([
  ["a/b:1", "a/b"],
  ["a/b", "a/b"],
  ["localhost:5000/a", "localhost:5000/a"],
  [`ghcr.io/\${{ github.repository }}:\${{ github.sha }}`, `ghcr.io/\${{ github.repository }}`],
  [`\${{ env.IMAGE }}:latest\n\${{ env.IMAGE }}:2\n`, `\${{ env.IMAGE }}`],
  ["a/b:1,c/d:2", "a/b"],
  [`\${{ steps.meta.outputs.tags }}`, undefined],
  [`a/\${{ env.NAME }}`, undefined],
  [`\${{ github.ref_type == 'tag' && 'a/b:1' || '' }}\na/b:2`, undefined],
  [":1", undefined],
  ["", undefined],
])("the repository of %j", (tags, wanted) => expect(writtenRepository(tags)).toBe(wanted));

test("tags stand on lines and between commas", () =>
  expect(tagsIn(`a:1, a:2\n\n  a:\${{ format('{0},{1}', x, y) }}\n`)).toEqual(["a:1", "a:2", `a:\${{ format('{0},{1}', x, y) }}`]));
