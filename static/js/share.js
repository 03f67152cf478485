/* A shared interview: one recording at a time; what is being written outlives a reload. */

import { forget, recall, remember } from "./memory.js";

const recordings = [...document.querySelectorAll("audio")];

for (const audio of recordings) {
  audio.addEventListener("play", () => {
    recordings.filter((other) => other !== audio).forEach((other) => other.pause());
  });
  // A link that was taken back meanwhile says so on its next page; here, just this much.
  audio.addEventListener("error", () => {
    document.getElementById(audio.dataset.silent).hidden = false;
  });
}

const form = document.querySelector("form[data-opinion]");

if (form) {
  const { name, comment } = form.elements;
  const draft = `opinion ${location.pathname}`;
  if ("thanked" in form.dataset) forget(draft);
  name.value ||= recall("opinion-name") ?? "";
  comment.value ||= recall(draft) ?? "";
  form.addEventListener("input", () => {
    remember("opinion-name", name.value);
    remember(draft, comment.value);
  });
}
