// What the modules of the question page share: its form, and what it says to those who
// cannot see it.

/** Find inside the present question: the page is replaced without a reload. */
export const find = (selector) => document.querySelector(`#main ${selector}`);
export const answerForm = () => find("form[data-answer]");

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Announce one of the form's texts, each a `data-text-…` of it. */
export function say(name, values = {}) {
  const form = answerForm();
  if (!form) return;
  const status = form.querySelector("[data-status]");
  status.textContent = fill(form.dataset[`text${name}`], values);
  status.toggleAttribute("data-failed", ["Away", "Failed", "Over", "NoTakes"].includes(name));
}
