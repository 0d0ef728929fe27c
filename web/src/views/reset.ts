// A one-time link that an administrator made: whoever opens it chooses a password. Its text stands behind the
// address's #, which browsers send to nobody, and is taken out of the address as soon as it is read.
import { Refused, resetPassword } from "../api";
import { h } from "../dom";

export const resetPath = "/reset-password";

// Empty when the address has none.
export function takeLink(): string {
  const link = location.hash.slice(1);
  if (link !== "") history.replaceState(null, "", location.pathname);
  return link;
}

function input(name: string, attributes: { readonly [name: string]: string }): HTMLInputElement {
  return h("input", { name, required: true, ...attributes }) as HTMLInputElement;
}

function labelled(words: string, field: HTMLInputElement): HTMLElement {
  return h("label", { class: "field" }, h("span", {}, words), field);
}

const isPassword = { type: "password", autocomplete: "new-password" };

// `link` is what the address had; without one it can be typed in.
export function resetView(link: string): HTMLElement {
  const text = input("link", { type: "text", autocomplete: "off", spellcheck: "false", value: link });
  const chosen = input("new_password", isPassword);
  const again = input("again", isPassword);
  const button = h("button", { type: "submit", class: "primary" }, "Set the password") as HTMLButtonElement;
  const words = h("p", { class: "verdict", role: "alert" });
  const form = h(
    "form",
    { class: "form", method: "post" }, // never in an address, whatever happens to the script
    link === "" ? labelled("The link, or what begins with lsx_ in it", text) : null,
    labelled("New password", chosen),
    labelled("The same again", again),
    button,
    words,
  );
  const element = h(
    "section",
    { class: "card narrow", "aria-labelledby": "reset-title" },
    h("h1", { id: "reset-title" }, "Choose a password"),
    h("p", { class: "quiet" }, "The link works once. Until then the password of now stays good; then all sessions end."),
    form,
  );

  const send = async (): Promise<void> => {
    if (chosen.value !== again.value) throw new Refused(0, "The two passwords are not the same.");
    button.disabled = true;
    // Who types it in may have copied the whole address.
    await resetPassword(text.value.trim().replace(/^.*#/, ""), chosen.value);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    words.textContent = "";
    send().then(
      () => form.replaceWith(h("p", { class: "verdict", role: "status" }, "Your password is set. Sign in with it.")),
      (error) => {
        button.disabled = false;
        words.textContent = error instanceof Refused ? error.message : "The server does not answer; try again.";
      },
    );
  });
  return element;
}
