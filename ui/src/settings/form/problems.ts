/** What is wrong in a form, in words. */

import { m } from "../../generated/messages/messages";
import type { Problem } from "./check";

export function problemWords(problem: Problem): string {
  switch (problem) {
    case "missing":
      return m.field_missing();
    case "name-taken":
      return m.field_name_taken();
    case "name-reserved":
      return m.field_name_reserved();
    case "not-an-address":
      return m.field_not_an_address();
    case "secret-in-address":
      return m.field_secret_in_address();
  }
}
