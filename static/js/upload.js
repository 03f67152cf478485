// Sends a take to the portal piece by piece while it is spoken. Each piece is repeated
// until the portal has it; sending one twice does no harm.

const ATTEMPT_MILLISECONDS = 15_000;
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 8_000;

const pause = (milliseconds) =>
  new Promise((done) => {
    setTimeout(done, milliseconds);
    window.addEventListener("online", done, { once: true });
  });

/** The portal does not want the take, and repeating will not change that. */
class Refused extends Error {
  constructor({ code, expected }) {
    super(code);
    Object.assign(this, { code, expected });
  }
}

export class Upload {
  #pieces = [];
  #sent = 0;
  #begun = false;
  #running = null;
  #failure = null;

  /**
   * `onBegun({takesLeft})` when the portal has the take; `onRefused(code)` if it wants none.
   * `after` is the upload before: a new take closes the old one, so that must be whole.
   */
  constructor({ url, takeId, part, questionId, csrfToken, after, onBegun, onRefused }) {
    Object.assign(this, { url, takeId, part, questionId, csrfToken, after, onBegun, onRefused });
    this.#go();
  }

  add(blob, milliseconds) {
    this.#pieces.push({ blob, milliseconds });
    this.#go();
  }

  get isDone() {
    return this.#begun && this.#sent === this.#pieces.length;
  }

  /** Wait until every piece has arrived; rejects after `milliseconds`, or when refused. */
  async settled(milliseconds) {
    const end = performance.now() + milliseconds;
    while (!this.isDone) {
      if (this.#failure) throw this.#failure;
      if (performance.now() > end) throw new Error("pieces of the recording wait");
      this.#go();
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  #go() {
    if (this.#failure) return;
    this.#running ??= this.#work().finally(() => (this.#running = null));
  }

  async #work() {
    await this.after.settled(Infinity).catch(() => {}); // refused: nothing more comes of it
    let wait = FIRST_PAUSE_MILLISECONDS;
    while (!this.isDone) {
      try {
        await (this.#begun ? this.#sendPiece() : this.#begin());
        wait = FIRST_PAUSE_MILLISECONDS;
      } catch (error) {
        if (error.code === "gap") this.#sent = error.expected;
        else if (error instanceof Refused) return this.#refused(error);
        await pause(wait);
        wait = Math.min(wait * 2, LONGEST_PAUSE_MILLISECONDS);
      }
    }
  }

  #refused(error) {
    this.#failure = error;
    this.onRefused(error.code);
  }

  async #begin() {
    const body = JSON.stringify({ questionId: this.questionId });
    const answer = await this.#put("", body, "application/json");
    this.#begun = true;
    this.onBegun(answer);
  }

  async #sendPiece() {
    const { blob, milliseconds } = this.#pieces[this.#sent];
    const path = `/chunks/${this.part}/${this.#sent}?durationMs=${milliseconds}`;
    await this.#put(path, blob, blob.type || "application/octet-stream");
    this.#sent++;
  }

  async #put(path, body, type) {
    const response = await fetch(`${this.url}/${this.takeId}${path}`, {
      method: "PUT",
      body,
      credentials: "same-origin",
      headers: { "Content-Type": type, "X-CSRFToken": this.csrfToken },
      signal: AbortSignal.timeout(ATTEMPT_MILLISECONDS),
    });
    if (response.ok) return response.json();
    if (response.status >= 500 || response.status === 429) throw new Error("try again");
    throw new Refused(await response.json().catch(() => ({ code: "unknown" })));
  }
}

/** Where nothing is stored, in practice and in HR's preview, nothing is sent. */
export class NoUpload {
  isDone = true;
  add() {}
  async settled() {}
}
