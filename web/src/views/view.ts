// What the page knows, and what a part of the page looks like to main.ts. A new part is one file beside this
// one and one line in main.ts.
import type { Readiness, Status } from "../api";

// A piece of knowledge: not asked yet, had, or why it could not be had.
export type Known<T> =
  | { readonly state: "waiting" }
  | { readonly state: "known"; readonly value: T }
  | { readonly state: "unknown"; readonly reason: string };

export interface Knowledge {
  readonly readiness: Known<Readiness>;
  readonly status: Known<Status>;
}

export interface View {
  readonly element: HTMLElement;
  // Shows the latest; called after each round, so it should touch only what changed.
  update(knowledge: Knowledge): void;
}
