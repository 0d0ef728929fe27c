// The documents that this very build carries, so that they always describe the version that is running.
import { h } from "../dom";
import type { View } from "./view";

interface Guide {
  readonly path: string; // under /assets/, given its hash by the build
  readonly title: string;
  readonly about: string;
}

const guides: readonly Guide[] = [
  { path: "/assets/install.md", title: "Install", about: "Build it, or install the package or the image." },
  { path: "/assets/operate.md", title: "Operate", about: "Signals, draining, logs, metrics, TLS, proxies." },
  { path: "/assets/http.md", title: "HTTP", about: "Limits, statuses and what is refused." },
];

export function guidesView(): View {
  const entries = guides.map(({ path, title, about }) =>
    h("li", {}, h("a", { href: path }, title), h("span", { class: "quiet" }, about)),
  );
  const element = h(
    "section",
    { class: "card wide", "aria-labelledby": "guides-title" },
    h("h2", { id: "guides-title" }, "Guides"),
    h("ul", { class: "guides" }, ...entries),
  );
  return { element, update: () => undefined };
}
