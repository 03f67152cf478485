/* Recordings on the page: each its address, and the stretch of it that is meant. */

const STRETCH = /^t=(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$/;

/* "/recordings/a#t=12,34" → its file, start and end in seconds; Infinity is to the end. */
export function stretchOf(address) {
  const url = new URL(address, location.href);
  const found = STRETCH.exec(decodeURIComponent(url.hash.slice(1)));
  url.hash = "";
  return {
    file: url.href,
    start: found ? Number(found[1]) : 0,
    end: found?.[2] ? Number(found[2]) : Infinity,
  };
}

/* Put a button in the place of a browser's own player; return what it plays. */
export function recordingOf(audio, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet-button listen";
  const sign = document.createElement("span");
  sign.textContent = "▶ ";
  sign.ariaHidden = "true";
  button.append(sign, words.listen);
  button.setAttribute("aria-label", `${words.listen}: ${audio.getAttribute("aria-label")}`);
  audio.replaceWith(button);
  const question = button.closest(".question");
  return {
    ...stretchOf(audio.getAttribute("src")),
    button,
    question,
    label: audio.getAttribute("aria-label"),
    isAnswer: button.closest("[data-answer]") !== null,
    length: Number(question?.dataset.duration) / 1000 || 0,
  };
}
