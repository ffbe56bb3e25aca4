import { type Fields, text } from "./json.ts";

/** By what `docker info` says of a machine that is not this one. Source: the products' documentation and `docker info` as their users show it in issues, read 2026-11-22. */
const PRODUCTS: readonly { readonly product: string; readonly field: string; readonly like: RegExp }[] = [
  { product: "Docker Desktop", field: "OperatingSystem", like: /^Docker Desktop/ },
  { product: "Docker Desktop", field: "Name", like: /^docker-desktop$/ },
  { product: "OrbStack", field: "OperatingSystem", like: /^OrbStack/ },
  { product: "OrbStack", field: "Name", like: /^orbstack$/ },
  { product: "Rancher Desktop", field: "OperatingSystem", like: /^Rancher Desktop/ },
  { product: "Rancher Desktop", field: "Name", like: /rancher-desktop/ },
  { product: "Colima", field: "Name", like: /^colima(?:-|$)/ },
  { product: "Podman", field: "DockerRootDir", like: /\/containers\/storage$/ },
];

/** Which product a daemon belongs to; undefined for Docker Engine. @param info  `docker info` */
export const productOf = (info: Fields): string | undefined => PRODUCTS.find(({ field, like }) => like.test(text(info[field]) ?? ""))?.product;
