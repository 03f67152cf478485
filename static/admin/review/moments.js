/* Moments: heard from their second, and marked at the second or the words at hand. */

import { clock } from "./words.js";

export class Moments {
  constructor(page, player) {
    this.player = player;
    page.addEventListener("click", (event) => {
      const button = event.target.closest("[data-at]");
      if (button) {
        player.playAnswer(button.closest(".question"), Number(button.dataset.at) / 1000);
      }
    });
    for (const details of page.querySelectorAll("[data-mark-moment]")) {
      const summary = details.querySelector("summary");
      // A click on it would take the selection away before it opens.
      summary.addEventListener("mousedown", () => {
        this.selected = selectionIn(details.closest(".question"));
      });
      details.addEventListener("toggle", () => details.open && this.fillIn(details));
    }
  }

  mark(question) {
    const details = question.querySelector("[data-mark-moment]");
    if (!details) {
      return;
    }
    this.selected = selectionIn(question);
    if (details.open) {
      this.fillIn(details);
    }
    details.open = true;
  }

  fillIn(details) {
    const { at_ms: at, quote, note } = details.querySelector("form").elements;
    const question = details.closest(".question");
    const { now } = this.player;
    if (at && now?.isAnswer && now.question === question) {
      at.value = clock(this.player.place);
    }
    if (this.selected) {
      quote.value = this.selected;
    }
    this.selected = "";
    note.focus();
  }
}

/* What is selected of the answer's text, in one line; nothing if it is of elsewhere. */
function selectionIn(question) {
  const selection = getSelection();
  const text = selection.anchorNode?.parentElement?.closest(".said");
  const isOfAnswer = text && question.contains(text) && text.closest("[data-answer]");
  return isOfAnswer ? selection.toString().replace(/\s+/g, " ").trim() : "";
}
