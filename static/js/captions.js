// What both sides say in the call, in writing under it. The lines live in the page alone:
// nothing of them is stored; only whether somebody wants to see them is.

import { recall, remember } from "./memory.js";

const KEY = "parley-captions";
// Whoever has scrolled up to read is left there.
const AT_THE_END_PIXELS = 40;

const section = document.querySelector("[data-captions]");
const log = section.querySelector('[role="log"]');
const button = section.querySelector("button");

function show(isShown) {
  log.hidden = !isShown;
  button.textContent = isShown ? section.dataset.textHide : section.dataset.textShow;
  button.setAttribute("aria-expanded", String(isShown));
}

/** Write down what was said; `speaker` as the page names whoever said it. */
export function writeDown(speaker, text) {
  if (!text?.trim()) return;
  const isAtTheEnd =
    log.scrollHeight - log.scrollTop - log.clientHeight < AT_THE_END_PIXELS;
  const name = document.createElement("strong");
  name.textContent = `${speaker}: `;
  const line = document.createElement("p");
  line.append(name, text);
  section.hidden = false;
  log.append(line);
  if (isAtTheEnd) log.scrollTop = log.scrollHeight;
}

button.addEventListener("click", () => {
  show(log.hidden);
  remember(KEY, log.hidden ? "hidden" : "shown");
});
show(recall(KEY) !== "hidden");
