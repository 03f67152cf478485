// The built-in interviewer. The page works without this, in writing: here an answer may
// also be spoken, is sent without leaving the page, survives a lost connection, and is
// kept as a draft. One page at a time has the interview; an older one rests.

import { canRecognise, Recognition } from "./recognition.js";
import { canRecord, problemOf, recall, Recorder, remember } from "./recorder.js";
import { canReadAloud, hush, readAloud } from "./speech.js";
import { NoUpload, Upload } from "./upload.js";

const ATTEMPTS = 4;
const ATTEMPT_MILLISECONDS = 15_000;
const PAUSE_MILLISECONDS = 1_500;
const AGAIN_MILLISECONDS = 10_000;
const UPLOAD_MILLISECONDS = 20_000;
const TICK_MILLISECONDS = 500;
// Warned this long before the end of a time limit, or at half of a short one.
const WARNING_SECONDS = 30;
const WAY = "parley-way";
const RECOGNISE = "parley-recognise";
// Pages that may take the place of this one without a reload.
const PAGES = ["question", "finished", "practised", "elsewhere"];

const pageId = crypto.randomUUID?.() ?? `${Math.random()}`.slice(2);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const find = (selector) => document.querySelector(`#main ${selector}`);
const answerForm = () => find("form[data-answer]");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function say(name, values = {}) {
  const form = answerForm();
  if (!form) return;
  const status = form.querySelector("[data-status]");
  status.textContent = name ? fill(form.dataset[`text${name}`], values) : "";
  status.toggleAttribute("data-failed", ["Failed", "Over", "NoTakes"].includes(name));
}

// Drafts

const draftName = () => `parley-${answerForm().dataset.draft}`;

function forgetDraft() {
  try {
    localStorage.removeItem(draftName());
  } catch {
    // nothing is stored where nothing may be
  }
}

function keepDraft(text) {
  remember(draftName(), text);
  say(navigator.onLine ? "Kept" : "Offline");
}

function restoreDraft() {
  const field = answerForm().elements.text;
  // On a slow phone somebody may have begun to type before this script was there.
  if (field.value) return keepDraft(field.value);
  const kept = recall(draftName());
  if (!kept) return;
  field.value = kept;
  say("Restored");
}

// One page at a time

let isAnnounced = false;
let channel = null;

/** Tell the portal, and the other windows, that the interview goes on here. */
async function announce() {
  const form = answerForm();
  if (isAnnounced || !form?.dataset.hereUrl) return;
  channel?.postMessage({ kind: "here", page: pageId });
  const response = await fetch(form.dataset.hereUrl, {
    method: "POST",
    body: new URLSearchParams({
      page: pageId,
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    }),
    credentials: "same-origin",
    signal: AbortSignal.timeout(ATTEMPT_MILLISECONDS),
  });
  isAnnounced = response.status < 500;
}

function listenToOtherPages() {
  const form = answerForm();
  if (!form?.dataset.session || !window.BroadcastChannel) return;
  channel = new BroadcastChannel(`parley-${form.dataset.session}`);
  channel.onmessage = ({ data }) => {
    if (data.kind === "here" && data.page !== pageId) rest();
  };
}

/** Another window has the interview: stop, keep everything, and say so. */
async function rest() {
  const elsewhere = find("template[data-elsewhere]");
  if (!elsewhere) return;
  channel.close();
  const words = elsewhere.content.cloneNode(true);
  await spoken?.leave();
  stopTime();
  document.getElementById("main").replaceChildren(words);
  find("h1").focus();
}

// Sending

let waiting = null; // an answer that could not be sent yet

function waitForConnection(form, submitter) {
  const timer = setTimeout(sendAgain, AGAIN_MILLISECONDS);
  waiting = { form, submitter, timer };
}

function stopWaiting() {
  clearTimeout(waiting?.timer);
  waiting = null;
}

function sendAgain() {
  if (!waiting) return;
  const { form, submitter } = waiting;
  stopWaiting();
  if (form.isConnected) send(form, submitter);
}

/** Post the form; sending the same answer twice does no harm, so failures are repeated. */
async function post(form, body) {
  for (let attempt = 1; ; attempt++) {
    try {
      await announce();
      const response = await fetch(form.action, {
        method: "POST",
        body,
        credentials: "same-origin",
        signal: AbortSignal.timeout(ATTEMPT_MILLISECONDS),
      });
      if (response.status < 500) return response;
      throw new Error(`status ${response.status}`);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      say("Retrying");
      await pause(PAUSE_MILLISECONDS * attempt);
    }
  }
}

/** Put the page that came back in the place of this one. */
async function show(response) {
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = next.getElementById("main");
  if (!main || !PAGES.includes(main.dataset.page)) return window.location.reload();
  document.getElementById("main").replaceWith(main);
  document.title = next.title;
  if (response.ok) history.replaceState(null, "", response.url);
  prepare();
  (main.querySelector("[aria-invalid]") ?? main.querySelector("h1")).focus();
  window.scrollTo(0, 0);
}

async function send(form, submitter) {
  stopWaiting();
  hush();
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  try {
    if (spoken?.takeId) {
      say("Uploading");
      await spoken.upload.settled(UPLOAD_MILLISECONDS);
    }
    say("Saving");
    const response = await post(form, filledIn(form, submitter));
    if (response.ok) forgetDraft();
    await show(response);
  } catch (error) {
    console.warn("The answer could not be sent:", error);
    buttons.forEach((button) => (button.disabled = false));
    if (error.code) return; // what the portal refused has been explained
    say("Failed");
    submitter?.focus();
    waitForConnection(form, submitter);
  }
}

function filledIn(form, submitter) {
  form.elements.page.value = pageId;
  form.elements.take.value = spoken?.takeId ?? "";
  form.elements.duration_ms.value = Math.round(
    spoken?.takeId ? spoken.milliseconds : performance.now() - time.shownAt,
  );
  return new URLSearchParams(new FormData(form, submitter));
}

// The spoken answer

class SpokenAnswer {
  takeId = "";
  upload = new NoUpload();
  #parts = 0;
  #before = 0; // milliseconds in the take's earlier parts
  #isClosed = false; // an earlier take than the last: it can only be sent
  #recorder = null;
  #recognition = null;

  constructor(form) {
    this.form = form;
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
    const recorder = new Recorder({
      onPiece: (blob, milliseconds) => this.upload.add(blob, this.#before + milliseconds),
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
      onRefused: (code) => this.#refused(code),
    });
  }

  async #refused(code) {
    if (!["no_takes_left", "take_too_long", "gap"].includes(code)) return reload();
    await this.stop();
    if (code !== "no_takes_left") return;
    this.left = 0;
    this.#forgetTake();
    this.show("ready");
    chooseWay("write");
    say("NoTakes");
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
    this.#addPlayer(URL.createObjectURL(recording));
    this.#tellLength("textLength");
    this.box.querySelector("[data-captions]").hidden = true;
    this.show("review");
    say("Recorded");
    if (problem) this.#problem(problem);
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
    if (!this.box.querySelector("[data-recognise]").checked) return;
    const field = this.form.elements.text;
    const written = field.value.trim();
    this.#recognition = new Recognition({
      language: field.lang,
      onText: (final, interim) => {
        field.value = `${written} ${final}`.trim();
        captions.textContent = `${final} ${interim}`.trim();
        captions.hidden = false;
      },
      onFailure: () => say("Unwritten"),
    });
    this.#recognition.start();
  }

  #problem(name) {
    for (const section of this.box.querySelectorAll("[data-problem]")) {
      section.hidden = section.dataset.problem !== name;
    }
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
    words.hidden = !canRecognise() || stage !== "ready";
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

let spoken = null;

/** Answer aloud or in writing; remembered for the questions that follow. */
function chooseWay(way) {
  const form = answerForm();
  remember(WAY, way);
  form.elements.way.value = way;
  spoken.box.hidden = way !== "speak";
  spoken.show();
}

function prepareRecorder(form) {
  spoken = null;
  if (!canRecord()) return;
  spoken = new SpokenAnswer(form);
  form.querySelector("[data-ways]").hidden = false;
  const recognises = form.querySelector("[data-recognise]");
  recognises.checked = recall(RECOGNISE) === "on";
  spoken.stage = spoken.takeId ? "review" : "ready";
  chooseWay(spoken.takeId ? "speak" : wantedWay());
}

/** The link of the check page says it, or the choice at an earlier question. */
function wantedWay() {
  const isChosen = new URLSearchParams(window.location.search).has("speaking");
  return isChosen ? "speak" : (recall(WAY) ?? "write");
}

// Time limits: known beforehand, warned of, extended once, and nothing said is lost.

let time = { shownAt: performance.now(), timer: 0 };

function stopTime() {
  clearInterval(time.timer);
}

function prepareTime(form) {
  stopTime();
  const limit = Number(form.dataset.limitSeconds ?? 0);
  const hasMore = "moreTimeTaken" in form.dataset;
  time = { shownAt: performance.now(), limit, hasMore, timer: 0, told: "" };
  if (limit) time.timer = setInterval(tick, TICK_MILLISECONDS);
}

/** Seconds of the limit that are used: those recorded, or those since the question came. */
function secondsUsed() {
  const isSpeaking = spoken && !spoken.box.hidden;
  return (isSpeaking ? spoken.milliseconds : performance.now() - time.shownAt) / 1000;
}

function tick() {
  const form = answerForm();
  if (!form) return stopTime();
  const shown = form.querySelector("[data-clock]");
  if (spoken?.isRunning) shown.textContent = clock(spoken.milliseconds / 1000);
  if (time.limit) watchLimit(form);
}

function watchLimit(form) {
  const left = time.limit * (time.hasMore ? 2 : 1) - secondsUsed();
  if (left <= 0) return overTime();
  if (left > Math.min(WARNING_SECONDS, time.limit / 2) || time.told) return;
  time.told = "warned";
  form.querySelector("[data-more-time]").hidden = time.hasMore;
  say(time.hasMore ? "LastWarning" : "Warning", { time: clock(Math.ceil(left)) });
}

async function overTime() {
  if (time.told === "over") return;
  time.told = "over";
  if (spoken?.isRunning) await spoken.stop();
  answerForm().querySelector("[data-more-time]").hidden = time.hasMore;
  say("Over");
}

async function takeMoreTime(button) {
  const form = answerForm();
  button.hidden = true;
  time.hasMore = true;
  time.told = "";
  say("More");
  const body = new URLSearchParams(new FormData(form));
  await fetch(form.dataset.moreTimeUrl, { method: "POST", body, credentials: "same-origin" }).catch(
    (error) => console.warn("More time could not be noted:", error),
  );
}

// The page

function reload() {
  window.location.replace(window.location.pathname + window.location.search);
}

function readQuestion() {
  const question = document.getElementById("question");
  readAloud(question.textContent, question.lang);
}

function prepareReading() {
  const button = find("[data-read-aloud]");
  if (!button || !canReadAloud(document.getElementById("question").lang)) return;
  button.hidden = false;
  // Who answers aloud is asked aloud.
  if (spoken && !spoken.box.hidden && !spoken.takeId) readQuestion();
}

function prepare() {
  const form = answerForm();
  spoken = null;
  stopTime();
  if (!form) return;
  prepareTime(form);
  prepareRecorder(form);
  prepareReading();
  restoreDraft();
  time.timer ||= setInterval(tick, TICK_MILLISECONDS);
}

const ACTIONS = {
  record: () => spoken.record({ more: Boolean(spoken.takeId) }),
  again: () => spoken.record(),
  more: () => spoken.record({ more: true }),
  pause: () => spoken.pause(),
  continue: () => spoken.resume(),
  stop: () => spoken.stop(),
  write: () => chooseWay("write"),
};

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-answer]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("form[data-answer] textarea")) return;
  stopWaiting();
  keepDraft(event.target.value);
});

document.addEventListener("change", (event) => {
  if (event.target.name === "way") chooseWay(event.target.value);
  if (event.target.matches("[data-recognise]")) {
    remember(RECOGNISE, event.target.checked ? "on" : "off");
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-read-aloud]")) readQuestion();
  const moreTime = event.target.closest("[data-more-time]");
  if (moreTime) takeMoreTime(moreTime);
  ACTIONS[event.target.closest("[data-do]")?.dataset.do]?.();
});

window.addEventListener("online", () => {
  say("Online");
  sendAgain();
});
window.addEventListener("offline", () => say("Offline"));
window.addEventListener("pagehide", () => hush());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) reload(); // another page may have gone on meanwhile
});

listenToOtherPages();
prepare();
announce().catch((error) => console.warn("The page could not be announced:", error));
