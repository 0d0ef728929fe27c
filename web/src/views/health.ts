// The parts that /ready asks, and whether each can do its work.
import type { Check } from "../api";
import { h } from "../dom";
import { formatName } from "../format";
import type { Knowledge, View } from "./view";

function row({ name, isDegraded, isWell }: Check): HTMLElement {
  return h(
    "li",
    { class: "check", "data-mood": isWell ? "good" : isDegraded ? "warning" : "bad" },
    h("i", { "aria-hidden": "true" }),
    h("span", { class: "check-name" }, formatName(name)),
    h("span", { class: "check-state" }, isWell ? "working" : isDegraded ? "degraded" : "failing"),
  );
}

function rows({ readiness }: Knowledge): HTMLElement[] {
  if (readiness.state === "waiting") return [h("li", { class: "quiet" }, "…")];
  if (readiness.state === "unknown") return [h("li", { class: "quiet" }, readiness.reason)];
  const { checks, isReady } = readiness.value;
  if (checks.length > 0) return checks.map(row);
  return [row({ name: "server", isDegraded: false, isWell: isReady })];
}

export function healthView(): View {
  const list = h("ul", { class: "checks" });
  const element = h(
    "section",
    { class: "card", "aria-labelledby": "health-title" },
    h("h2", { id: "health-title" }, "Health"),
    list,
  );
  return {
    element,
    update(knowledge) {
      list.replaceChildren(...rows(knowledge));
    },
  };
}
