// Light or dark: the system decides until the person does; the choice is kept in this browser only.
export type Theme = "system" | "light" | "dark";

const storageKey = "lodestone.theme";
const themes: readonly Theme[] = ["system", "light", "dark"];

export function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return themes.find((theme) => theme === stored) ?? "system";
  } catch {
    return "system"; // storage may be forbidden; the page works without it
  }
}

export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", theme);
}

export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
}

// The button walks through the three and says which one is on.
export function bindThemeButton(button: HTMLButtonElement): void {
  const label = (theme: Theme): void => {
    button.textContent = { system: "Auto", light: "Light", dark: "Dark" }[theme];
    button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  };
  let theme = chosenTheme();
  label(theme);
  button.addEventListener("click", () => {
    theme = nextTheme(theme);
    applyTheme(theme);
    label(theme);
    try {
      localStorage.setItem(storageKey, theme);
    } catch {
      // Not kept, then: the theme lasts as long as the page.
    }
  });
}
