// The time limit of a question, where HR set one: known beforehand, warned of, extended
// once, and nothing said is lost. Without one it only shows how long a recording is.

import { clock, say } from "./page.js";

const TICK_MILLISECONDS = 500;
// Warned this long before the end, or at half of a short limit.
const WARNING_SECONDS = 30;

export class TimeLimit {
  #told = "";
  #timer = 0;
  #shownAt = performance.now();

  /** `speech()` returns the spoken answer, or null while the candidate writes. */
  constructor(form, speech) {
    Object.assign(this, { form, speech });
    this.limit = Number(form.dataset.limitSeconds ?? 0);
    this.hasMore = "moreTimeTaken" in form.dataset;
    this.button = form.querySelector("[data-more-time]");
    this.#timer = setInterval(() => this.#tick(), TICK_MILLISECONDS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Milliseconds used: those recorded, or those since the question was shown. */
  get used() {
    return this.speech()?.milliseconds ?? performance.now() - this.#shownAt;
  }

  /** Give the limit once more. The portal notes it; where it cannot be asked, so be it. */
  async takeMore() {
    this.button.hidden = true;
    this.hasMore = true;
    this.#told = "";
    say("More");
    const { csrfmiddlewaretoken } = this.form.elements;
    const body = new URLSearchParams({ csrfmiddlewaretoken: csrfmiddlewaretoken.value });
    await fetch(this.form.dataset.moreTimeUrl, {
      method: "POST",
      body,
      credentials: "same-origin",
    }).catch((error) => console.warn("More time could not be noted:", error));
  }

  #tick() {
    const speech = this.speech();
    if (speech?.isRunning) {
      this.form.querySelector("[data-clock]").textContent = clock(speech.milliseconds / 1000);
    }
    if (this.limit) this.#watch();
  }

  #watch() {
    const left = this.limit * (this.hasMore ? 2 : 1) - this.used / 1000;
    if (left <= 0) return this.#end();
    if (left > Math.min(WARNING_SECONDS, this.limit / 2) || this.#told) return;
    this.#told = "warned";
    this.button.hidden = this.hasMore;
    say(this.hasMore ? "LastWarning" : "Warning", { time: clock(Math.ceil(left)) });
  }

  async #end() {
    if (this.#told === "over") return;
    this.#told = "over";
    if (this.speech()?.isRunning) await this.speech().stop();
    this.button.hidden = this.hasMore;
    say("Over");
  }
}
