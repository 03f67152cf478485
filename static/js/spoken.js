// An answer spoken to the page: recorded, sent while it is spoken, heard before it counts.

import { canRecognise, Recognition } from "./recognition.js";
import { clock, fill, find, say } from "./page.js";
import { problemOf, Recorder, showProblem } from "./recorder.js";
import { hush } from "./speech.js";
import { NoUpload, Upload } from "./upload.js";

export class SpokenAnswer {
  takeId = "";
  upload = new NoUpload();
  #parts = 0;
  #before = 0; // milliseconds in the take's earlier parts
  #isClosed = false; // an earlier take than the last: it can only be sent
  #recorder = null;
  #recognition = null;

  /**
   * `onNoTakes()` when the portal takes no more recordings of this question, `onRefused()`
   * when it does not ask this question any more, `onWords(text)` as they are written down.
   */
  constructor(form, { onNoTakes, onRefused, onWords }) {
    Object.assign(this, { form, onNoTakes, onRefused, onWords });
    this.box = form.querySelector("[data-recorder]");
    const { openTake, openParts, openDurationMs, retakesLeft } = form.dataset;
    this.#isClosed = "openClosed" in form.dataset;
    this.left = retakesLeft === undefined ? Infinity : Number(retakesLeft);
    if (openTake) this.#takeUp(openTake, Number(openParts), Number(openDurationMs));
  }

  get milliseconds() {
    return this.#before + (this.#recorder?.milliseconds ?? 0);
  }

  get isRunning() {
    return Boolean(this.#recorder) && !this.#recorder.isPaused;
  }

  /** Offer what was recorded before the page was left. */
  #takeUp(takeId, parts, milliseconds) {
    Object.assign(this, { takeId });
    this.#parts = parts;
    this.#before = milliseconds;
    for (let part = 1; part <= parts; part++) {
      this.#addPlayer(`/interview/${this.form.dataset.session}/takes/${takeId}?part=${part}`);
    }
    this.#tellLength("textWasRecorded");
  }

  #tellLength(text) {
    const line = this.box.querySelector("[data-length]");
    line.textContent = fill(this.form.dataset[text], { time: clock(this.#before / 1000) });
  }

  /** Record: a new take, or with `more` a further part of the present one. */
  async record({ more = false } = {}) {
    if (this.#recorder) return;
    if (!more) this.#forgetTake();
    this.show("starting");
    hush();
    const before = this.#before;
    const recorder = new Recorder({
      onPiece: (blob, milliseconds) => this.upload.add(blob, before + milliseconds),
      onLevel: (level) => (this.box.querySelector("[data-level]").value = level),
      onLost: () => this.stop("lost"),
    });
    try {
      await recorder.start();
    } catch (error) {
      return this.#problem(problemOf(error));
    }
    this.#recorder = recorder;
    this.takeId ||= crypto.randomUUID();
    this.#parts++;
    this.upload = this.#newUpload();
    this.#listen();
    this.box.querySelector("[data-clock]").textContent = clock(this.milliseconds / 1000);
    this.show("recording");
    say("Recording");
  }

  #forgetTake() {
    this.takeId = "";
    this.#parts = 0;
    this.#before = 0;
    this.#isClosed = false;
    this.box.querySelector("[data-players]").replaceChildren();
  }

  #newUpload() {
    const { takesUrl } = this.form.dataset;
    if (!takesUrl) return new NoUpload();
    return new Upload({
      url: takesUrl,
      takeId: this.takeId,
      part: this.#parts,
      questionId: Number(this.form.elements.question.value),
      csrfToken: this.form.elements.csrfmiddlewaretoken.value,
      after: this.upload,
      onBegun: ({ takesLeft }) => this.#knowLeft(takesLeft ?? Infinity),
      onRefused: (code) => this.#refuse(code),
    });
  }

  async #refuse(code) {
    if (code === "take_too_long") this.upload = new NoUpload(); // what came before it counts
    await this.stop();
    if (code === "take_too_long") return;
    if (code !== "no_takes_left") return this.onRefused();
    this.left = 0;
    this.#forgetTake();
    this.show("ready");
    this.onNoTakes();
  }

  pause() {
    this.#recorder.pause();
    this.#recognition?.stop();
    this.show("paused");
    say("Paused");
  }

  resume() {
    this.#recorder.resume();
    this.#recognition?.start();
    this.show("recording");
    say("Recording");
  }

  /** End the recording; `problem` is what ended it, if it was not the candidate. */
  async stop(problem = "") {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = null;
    this.#recognition?.stop();
    this.#before += recorder.milliseconds;
    const recording = await recorder.stop();
    if (!recording.size) return this.#nothingRecorded();
    this.#addPlayer(URL.createObjectURL(recording));
    this.#tellLength("textLength");
    this.box.querySelector("[data-captions]").hidden = true;
    this.show("review");
    say("Recorded");
    if (problem) this.#problem(problem);
  }

  /** Stopped in the moment it began. */
  #nothingRecorded() {
    this.box.querySelector("[data-captions]").hidden = true;
    if (--this.#parts === 0) this.#forgetTake();
    this.show(this.takeId ? "review" : "ready");
    say("Empty");
  }

  /** The page is being left: what was said goes on its way. */
  async leave() {
    this.#recognition?.stop();
    await this.#recorder?.stop();
    this.#recorder = null;
  }

  #addPlayer(address) {
    const player = document.createElement("audio");
    player.controls = true;
    player.src = address;
    player.setAttribute("aria-label", this.box.getAttribute("aria-label"));
    this.box.querySelector("[data-players]").append(player);
  }

  #listen() {
    const captions = this.box.querySelector("[data-captions]");
    captions.textContent = "";
    captions.hidden = true;
    if (!this.box.querySelector("[data-recognise]")?.checked) return;
    const field = this.form.elements.text;
    const written = field.value.trim();
    this.#recognition = new Recognition({
      language: field.lang,
      onText: (final, interim) => {
        field.value = `${written} ${final}`.trim();
        captions.textContent = `${final} ${interim}`.trim();
        captions.hidden = false;
        this.onWords(field.value);
      },
      onFailure: () => say("Unwritten"),
    });
    this.#recognition.start();
  }

  #problem(name) {
    showProblem(this.box, name);
    const reviewed = this.takeId !== "";
    this.show(reviewed ? "review" : "problem");
    this.box.querySelector('[data-stage="problem"]').hidden = false;
    const again = this.box.querySelector('[data-stage="problem"] [data-do="record"]');
    again.hidden = reviewed;
    const section = this.box.querySelector(`[data-problem="${name}"]`);
    const status = this.form.querySelector("[data-status]");
    status.textContent = section.querySelector("strong").textContent;
    (reviewed ? find('[data-do="more"]') : again).focus();
  }

  /** Show one stage of the recorder, and what belongs to it of the form. */
  show(stage = this.stage) {
    this.stage = stage;
    const isShown = !this.box.hidden;
    for (const part of this.box.querySelectorAll("[data-stage]")) {
      part.hidden = part.dataset.stage !== stage;
    }
    const isReview = stage === "review";
    this.#showForm(!isShown || isReview, isShown && isReview);
    const words = this.box.querySelector("[data-written-down]");
    if (words) words.hidden = !canRecognise() || stage !== "ready";
    this.form.querySelector("[data-ways]").hidden = ["starting", "recording", "paused"].includes(stage);
    if (isShown) this.#focus(stage);
  }

  #showForm(isOpen, isReview) {
    const { form } = this;
    form.querySelector("[data-writing]").hidden = !isOpen;
    form.querySelector("button[name=save]").hidden = !isOpen;
    form.querySelector('[data-do="more"]').hidden = !isReview || this.#isClosed;
    const hasWords = form.elements.text.value.trim() !== "";
    const label = isReview ? (hasWords ? "textWordsLabel" : "textNoteLabel") : "textWriteLabel";
    form.querySelector("[data-text-label]").textContent = form.dataset[label];
    form.elements.text.rows = isReview ? 4 : 8;
    this.#knowLeft(this.left);
  }

  /** Offer a further take while there are some; the portal tells how many. */
  #knowLeft(left) {
    this.left = left;
    const isReview = this.stage === "review" && !this.box.hidden;
    this.form.querySelector('[data-do="again"]').hidden = !isReview || left === 0;
    const line = this.box.querySelector("[data-left]");
    line.hidden = left === Infinity;
    line.textContent = fill(this.form.dataset.textLeft, { number: left });
  }

  #focus(stage) {
    const target = {
      recording: '[data-stage="recording"] [data-do="stop"]',
      paused: '[data-stage="paused"] [data-do="continue"]',
      review: "button[name=save]",
    }[stage];
    if (target) find(target).focus();
  }
}
