import type { Failure } from "../types";

/** An address with this word in it does not answer, a secret that is this word is refused. */
export const WRONG = "wrong";

export function failure(kind: Failure["kind"], message: string): Failure {
  return { kind, message };
}
