/* How names and labels are written for readers. */

const LANGUAGES = new Intl.DisplayNames("en", { type: "language", fallback: "code" });
const NUMBERS = new Intl.NumberFormat("en");

export const words = (name) => name.replaceAll("_", " ");

export const colour = (label) => (["positive", "negative", "mixed"].includes(label) ? label : "neutral");

export const count = (number) => NUMBERS.format(number);

export const texts = (number) => `${count(number)} ${number === 1 ? "text" : "texts"}`;

export function language(code) {
  if (!code || code === "und") return "no language of the model";
  try {
    return LANGUAGES.of(code.replaceAll("_", "-"));
  } catch {
    return code;
  }
}

/* What is not none or all does not look so. */
export function percent(share) {
  if (share > 0 && share < 0.005) return "<1%";
  if (share >= 0.995 && share < 1) return ">99%";
  return `${Math.round(share * 100)}%`;
}
