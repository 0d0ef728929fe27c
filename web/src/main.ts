// The console's start: puts the views that the address asks for on the page and keeps what they show fresh.
import { fetchReadiness, fetchStatus } from "./api";
import { byId, h } from "./dom";
import { poll } from "./poll";
import { bindThemeButton } from "./theme";
import { connectView } from "./views/connect";
import { guidesView } from "./views/guides";
import { healthView } from "./views/health";
import { introView } from "./views/intro";
import { resetPath, resetView, takeLink } from "./views/reset";
import { serverView } from "./views/server";
import type { Knowledge, Known, View } from "./views/view";

const refreshMs = 5000;

async function learn<T>(question: () => Promise<T>): Promise<Known<T>> {
  try {
    return { state: "known", value: await question() };
  } catch (error) {
    return { state: "unknown", reason: error instanceof Error ? error.message : "no answer" };
  }
}

async function learnAll(): Promise<Knowledge> {
  const [readiness, status] = await Promise.all([learn(fetchReadiness), learn(fetchStatus)]);
  return { readiness, status };
}

function showFooter(knowledge: Knowledge): void {
  const version = knowledge.status.state === "known" ? knowledge.status.value.get("version") : undefined;
  byId("footer-version").textContent = version === undefined ? "Lodestone" : `Lodestone ${version}`;
  byId("footer-updated").textContent = `Updated ${new Date().toLocaleTimeString()}`;
}

// What is opened by a link that somebody was given: nothing of the server's state belongs beside it.
function startReset(): void {
  document.title = "Choose a password · Lodestone";
  const show = (): void => byId("content").replaceChildren(resetView(takeLink()));
  addEventListener("hashchange", show); // another link in the same window
  show();
}

function startOverview(): void {
  const views: readonly View[] = [introView(), healthView(), serverView(), connectView(), guidesView()];
  const [intro, ...cards] = views.map((view) => view.element);
  byId("content").append(intro ?? "", h("div", { class: "cards" }, ...cards));
  poll(async () => {
    const knowledge = await learnAll();
    for (const view of views) view.update(knowledge);
    showFooter(knowledge);
  }, refreshMs);
}

bindThemeButton(byId<HTMLButtonElement>("theme"));
if (location.pathname === resetPath) startReset();
else startOverview();
