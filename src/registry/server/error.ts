import { jsonResponse, type RegistryResponse } from "./message.ts";

/**
 * What may be wrong with a request: code → status and words.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes (the last three are Docker's)
 */
const ERRORS = {
  BLOB_UNKNOWN: [404, "the repository has no such blob"],
  BLOB_UPLOAD_INVALID: [400, "the upload cannot go on like this"],
  BLOB_UPLOAD_UNKNOWN: [404, "there is no such upload; start a new one"],
  DIGEST_INVALID: [400, "the content does not have the digest it was announced with, or the digest is malformed"],
  MANIFEST_BLOB_UNKNOWN: [404, "the manifest names content that the repository does not have"],
  MANIFEST_INVALID: [400, "the manifest is malformed"],
  MANIFEST_UNKNOWN: [404, "the repository has no such manifest"],
  NAME_INVALID: [400, "that is not a repository's name"],
  NAME_UNKNOWN: [404, "there is no such repository"],
  SIZE_INVALID: [400, "the content does not have the length it was announced with"],
  UNAUTHORIZED: [401, "a user's name and password are needed"],
  DENIED: [403, "that is not allowed"],
  UNSUPPORTED: [405, "that is not a thing to do here"],
  TOOMANYREQUESTS: [429, "too many at once; try again later"],
  TAG_INVALID: [400, "that is not a tag"],
  PAGINATION_NUMBER_INVALID: [400, "n is not a number of entries"],
  UNKNOWN: [500, "the registry failed; its log says how"],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type RegistryErrorCode = keyof typeof ERRORS;

interface ErrorDetails {
  readonly message?: string;
  readonly detail?: unknown;
  /** When it is not the code's usual one. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal on its way to the client. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly details: ErrorDetails;

  constructor(code: RegistryErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code][1]);
    this.code = code;
    this.details = details;
  }
}

/** A refusal in the form that clients read. */
export function errorResponse({ code, message, details }: RegistryError): RegistryResponse {
  const entry = { code, message, ...(details.detail === undefined ? {} : { detail: details.detail }) };
  return jsonResponse(details.status ?? ERRORS[code][0], { errors: [entry] }, details.headers);
}
