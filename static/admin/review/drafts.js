/* Keeps a review as it is written. Each request names only the fields that changed here:
   what another tab wrote meanwhile stays. What could not be kept is tried again. */

import { fill } from "./words.js";

const PAUSE = 800;
// A review that counts is read by others: its words change by sentences, not by letters.
const LONG_PAUSE = 4000;
const WAITS = [2000, 5000, 10000, 30000];

export function keepDrafts(form) {
  return new Drafts(form);
}

class Drafts {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.changed = new Map();
    this.sending = null;
    this.failures = 0;
    this.status = form.querySelector("[data-kept-status]");
    this.problem = form.querySelector("[data-problem]");
    this.rated = form.querySelector("[data-rated]");
    document.addEventListener("input", (event) => this.noticed(event.target));
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("online", () => this.keep());
    window.addEventListener("beforeunload", (event) => {
      if (this.changed.size) {
        event.preventDefault();
      }
    });
    // On a phone this is often the last that a page hears.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") {
        this.keep();
      }
    });
    this.showRated();
  }

  noticed(field) {
    if (field.form !== this.form || !field.name) {
      return;
    }
    this.changed.set(field.name, field.value);
    const isText = field.type !== "radio";
    const pause = "counts" in this.words ? LONG_PAUSE : PAUSE;
    this.keepSoon(isText ? pause : 0);
    this.showRated();
  }

  keepSoon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), milliseconds);
  }

  /* Send what changed, one request at a time; true once all is kept. */
  async keep() {
    clearTimeout(this.timer);
    while (this.sending) {
      await this.sending;
    }
    if (!this.changed.size) {
      return true;
    }
    this.sending = this.send(this.words.draft);
    const isKept = await this.sending;
    this.sending = null;
    return isKept && (this.changed.size === 0 || this.keep());
  }

  async send(address) {
    const sent = new Map(this.changed);
    this.status.textContent = this.words.saving;
    const response = await this.post(address, sent);
    if (!response?.ok) {
      await this.failed(response);
      return false;
    }
    this.failures = 0;
    for (const [name, value] of sent) {
      if (this.changed.get(name) === value) {
        this.changed.delete(name);
      }
    }
    this.problem.textContent = "";
    this.status.textContent = this.words.kept;
    return true;
  }

  async post(address, fields) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of fields) {
      body.set(name, value);
    }
    try {
      return await fetch(address, {
        method: "POST",
        body,
        headers: { accept: "application/json" },
        redirect: "manual",
        // As the page goes; such a request may be no longer than 64 KiB.
        keepalive: document.visibilityState === "hidden",
      });
    } catch {
      return null;
    }
  }

  /* A refusal is told and not repeated; anything else is tried again. */
  async failed(response) {
    this.status.textContent = "";
    if (response && (response.status === 400 || response.status === 409)) {
      const { detail } = await response.json().catch(() => ({ detail: this.words.gone }));
      this.problem.textContent = detail;
    } else if (response && response.status < 500) {
      this.problem.textContent = this.words.gone;
    } else {
      this.problem.textContent = this.words.failed;
      this.keepSoon(WAITS[Math.min(this.failures, WAITS.length - 1)]);
      this.failures += 1;
    }
  }

  /* Without a script the form sends itself; with it, only what changed here. */
  async submitted(event) {
    event.preventDefault();
    if (this.isSaving) {
      return;
    }
    this.isSaving = true;
    try {
      if ((await this.keep()) && (await this.send(this.form.action))) {
        location.reload();
      }
    } finally {
      this.isSaving = false;
    }
  }

  /* Give a question the mark, "" for none; say so to whoever does not see it. */
  mark(question, number, value) {
    const name = `mark_${question.dataset.question}`;
    const radios = question.querySelectorAll(`input[name="${name}"]`);
    const radio = [...radios].find((one) => one.value === value);
    if (!radio) {
      return;
    }
    radio.checked = true;
    this.noticed(radio);
    const text = value ? this.words.marked : this.words.unmarked;
    this.status.textContent = fill(text, { mark: value, number });
  }

  showRated() {
    const total = document.querySelectorAll("[data-mark]").length;
    const number = document.querySelectorAll("[data-mark] input:checked:not([value=''])").length;
    this.rated.hidden = false;
    this.rated.textContent = fill(this.rated.dataset.rated, { number, total });
  }
}
