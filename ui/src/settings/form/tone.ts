/** Whether it works, is on its way, needs the user, or is off on purpose. */
export type Tone = "good" | "wait" | "bad" | "off";
