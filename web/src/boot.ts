// Runs before the page is drawn, so that somebody who chose a theme never sees the other one flash by.
import { applyTheme, chosenTheme } from "./theme";

applyTheme(chosenTheme());
