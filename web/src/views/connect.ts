// What to paste where: commands with this page's own origin in them. Clients of package formats join this
// list when their formats are built in; what stands here works with this build.
import { h } from "../dom";
import type { View } from "./view";

interface Snippet {
  readonly title: string;
  readonly why: string;
  readonly text: string;
}

export function snippets(origin: string, host: string, scheme: string): readonly Snippet[] {
  return [
    {
      title: "Command line",
      why: "Is it there, and is it ready for work?",
      text: `curl -fsS ${origin}/health\ncurl -fsS ${origin}/ready`,
    },
    {
      title: "Version and state, for scripts",
      why: "The same facts that this page shows.",
      text: `curl -fsS ${origin}/api/v1/status`,
    },
    {
      title: "Prometheus",
      why: "Rates, errors and durations of every route. The token lies in the data folder: secrets/operator-token.",
      text: [
        "scrape_configs:",
        "  - job_name: lodestone",
        `    scheme: ${scheme}`,
        "    authorization:",
        "      credentials_file: /etc/prometheus/lodestone-token",
        "    static_configs:",
        `      - targets: ["${host}"]`,
      ].join("\n"),
    },
  ];
}

// The clipboard exists only in secure contexts; over plain HTTP the text is selected for the person to copy.
async function copy(code: HTMLElement): Promise<void> {
  if (navigator.clipboard === undefined) {
    getSelection()?.selectAllChildren(code);
    throw new Error("no clipboard here");
  }
  await navigator.clipboard.writeText(code.textContent ?? "");
}

function copyButton(title: string, code: HTMLElement): HTMLElement {
  const button = h("button", { type: "button", "aria-label": `Copy: ${title}` }, "Copy");
  const say = (word: string): void => {
    button.textContent = word;
    setTimeout(() => (button.textContent = "Copy"), 1600);
  };
  button.addEventListener("click", () => {
    copy(code).then(
      () => say("Copied"),
      () => say("Selected"),
    );
  });
  return button;
}

function block({ title, why, text }: Snippet): HTMLElement {
  const code = h("code", {}, text);
  return h(
    "article",
    { class: "snippet" },
    h("div", { class: "snippet-head" }, h("h3", {}, title), copyButton(title, code)),
    h("p", { class: "quiet" }, why),
    h("pre", { tabindex: "0", role: "region", "aria-label": title }, code),
  );
}

export function connectView(): View {
  const { origin, host, protocol } = location;
  const element = h(
    "section",
    { class: "card wide", "aria-labelledby": "connect-title" },
    h("h2", { id: "connect-title" }, "Connect"),
    ...snippets(origin, host, protocol.replace(":", "")).map(block),
  );
  return { element, update: () => undefined };
}
