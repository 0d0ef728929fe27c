// The top of the page: what this server is, and in one glance whether it is well.
import { h } from "../dom";
import type { Knowledge, View } from "./view";

type Mood = "waiting" | "good" | "warning" | "bad";

function judge({ readiness }: Knowledge): readonly [Mood, string] {
  if (readiness.state === "waiting") return ["waiting", "Asking the server"];
  if (readiness.state === "unknown") return ["bad", "The server does not answer"];
  const { isReady, isDraining, checks } = readiness.value;
  if (isReady) return ["good", "Ready"];
  if (isDraining) return ["warning", "Draining: finishing its work before it stops"];
  const failing = checks.filter((check) => !check.isWell && !check.isDegraded).length;
  return ["bad", failing === 1 ? "Not ready: one part is failing" : `Not ready: ${failing} parts are failing`];
}

export function introView(): View {
  const text = h("span", {}, "Asking the server");
  const pill = h("p", { class: "pill", role: "status", "data-mood": "waiting" }, h("i", { "aria-hidden": "true" }), text);
  const element = h(
    "section",
    { class: "intro", "aria-labelledby": "intro-title" },
    h("h1", { id: "intro-title" }, "One registry for everything you make and run"),
    h(
      "p",
      { class: "lead" },
      "Packages and images, models and datasets, services, and the templates they start from: one binary, " +
        "one identity, one dependency graph, one audit log. This build is its foundation.",
    ),
    pill,
  );
  return {
    element,
    update(knowledge) {
      const [mood, words] = judge(knowledge);
      if (text.textContent === words) return; // an unchanged status must not be read aloud again
      pill.setAttribute("data-mood", mood);
      text.textContent = words;
    },
  };
}
