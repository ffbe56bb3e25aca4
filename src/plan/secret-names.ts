const SECRET = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const HARMLESS = /(?:_|^)(?:public|file|version)(?:_|$)/i;

/**
 * True when a variable's name says that it holds a secret, which ARG and ENV leave in the image for everyone to read.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/validations.go, rule SecretsUsedInArgOrEnv, read 2026-11-22
 */
export const namesSecret = (name: string): boolean => SECRET.test(name) && !HARMLESS.test(name);
