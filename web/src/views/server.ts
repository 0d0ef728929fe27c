// The facts of this server: version, uptime and whatever else /api/v1/status tells whoever is looking.
import { h } from "../dom";
import { formatFact, formatName } from "../format";
import type { Knowledge, View } from "./view";

function facts({ status }: Knowledge): HTMLElement[] {
  if (status.state === "waiting") return [h("p", { class: "quiet" }, "…")];
  if (status.state === "unknown") return [h("p", { class: "quiet" }, status.reason)];
  return [...status.value].map(([name, value]) =>
    h("div", { class: "fact" }, h("dt", {}, formatName(name)), h("dd", {}, formatFact(name, value))),
  );
}

export function serverView(): View {
  const list = h("dl", { class: "facts" });
  const element = h(
    "section",
    { class: "card", "aria-labelledby": "server-title" },
    h("h2", { id: "server-title" }, "This server"),
    list,
  );
  return {
    element,
    update(knowledge) {
      list.replaceChildren(...facts(knowledge));
    },
  };
}
