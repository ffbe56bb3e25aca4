/** What Buildx reads when no file is named: all of these that exist, in this order, in the folder in which it runs. */
export const BAKE_DEFAULT_FILES: readonly string[] = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
  "docker-bake.json",
  "docker-bake.hcl",
  "docker-bake.override.json",
  "docker-bake.override.hcl",
];
