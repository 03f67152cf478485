/* Moments: heard from their second, and marked at the second or the words at hand. */

import { clock, fill } from "./words.js";

export class Moments {
  constructor(page, player) {
    this.player = player;
    this.pattern = document.getElementById("new-moment");
    page.addEventListener("click", (event) => {
      const button = event.target.closest("[data-at]");
      if (button && button.tagName === "BUTTON") {
        player.playAnswer(button.closest(".question"), Number(button.dataset.at) / 1000);
      }
    });
    page.addEventListener("submit", (event) => this.submitted(event));
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

  /* Without leaving the page: what is being heard goes on. */
  async submitted(event) {
    const form = event.target;
    const isNew = "add" in form.dataset;
    if (!isNew && !("remove" in form.dataset)) {
      return;
    }
    event.preventDefault();
    const question = form.closest(".question");
    const answer = await post(form, this.pattern.dataset.failed);
    if (answer.detail) {
      (form.querySelector("[role='alert']") ?? form).append(answer.detail);
      return;
    }
    if (isNew) {
      this.add(question, answer);
      form.reset();
      form.closest("details").open = false;
    } else {
      form.closest("li").remove();
    }
    question.focus({ preventScroll: true });
  }

  add(question, { id, at_ms: at, quote, note, remove }) {
    const line = this.pattern.content.cloneNode(true).querySelector("li");
    const [button, words, text] = line.children;
    line.dataset.moment = id;
    line.querySelector("form").action = remove;
    if (at === null) {
      button.remove();
    } else {
      const time = clock(at / 1000);
      button.dataset.at = at;
      button.textContent = `▶ ${time}`;
      button.setAttribute("aria-label", fill(this.pattern.dataset.listen, { time }));
    }
    text.textContent = note;
    words.textContent = quote;
    if (!quote) {
      words.remove();
    }
    const list = question.querySelector("[data-moments] ul");
    // The same place again has a later note.
    list.querySelector(`[data-moment="${id}"]`)?.remove();
    list.append(line);
  }
}

/* Send a form; return what was answered, or why not as `detail`. */
async function post(form, failed) {
  const alert = form.querySelector("[role='alert']");
  alert?.replaceChildren();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { accept: "application/json" },
    });
    return await response.json();
  } catch {
    return { detail: failed };
  }
}

/* What is selected of the answer's text, in one line; nothing if it is of elsewhere. */
function selectionIn(question) {
  const selection = getSelection();
  const text = selection.anchorNode?.parentElement?.closest(".said");
  const isOfAnswer = text && question.contains(text) && text.closest("[data-answer]");
  return isOfAnswer ? selection.toString().replace(/\s+/g, " ").trim() : "";
}
