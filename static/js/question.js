// The built-in interviewer. The page works without this, in writing: here an answer may
// also be spoken, is sent without leaving the page, survives a lost connection, and is
// kept as a draft. One page at a time has the interview; an older one rests.

import { forget, recall, remember } from "./memory.js";
import { answerForm, find, say } from "./page.js";
import { canRecord } from "./recorder.js";
import { canReadAloud, hush, readAloud } from "./speech.js";
import { SpokenAnswer } from "./spoken.js";
import { TimeLimit } from "./time.js";
import { showLocalTimes } from "./times.js";

const ATTEMPTS = 4;
const ATTEMPT_MILLISECONDS = 15_000;
const PAUSE_MILLISECONDS = 1_500;
const AGAIN_MILLISECONDS = 10_000;
const UPLOAD_MILLISECONDS = 20_000;
const WAY = "parley-way";
// Chosen although the question suggested the other way: it holds for what follows too.
const OWN_WAY = "parley-own-way";
const SUGGESTED = { spoken: "speak", written: "write" };
const RECOGNISE = "parley-recognise";
// Pages that may take the place of this one without a reload.
const PAGES = ["question", "finished", "practised", "elsewhere"];

const pageId = crypto.randomUUID?.() ?? `${Math.random()}`.slice(2);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Drafts

const draftName = () => `parley-${answerForm().dataset.draft}`;

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
  time?.stop();
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

/** The portal was reached, but cannot store anything just now; `retryAfter` milliseconds. */
class Away extends Error {
  isAway = true;
  constructor({ status, headers }) {
    super(`status ${status}`);
    this.retryAfter = (Number(headers.get("Retry-After")) || 0) * 1000;
  }
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
      throw new Away(response);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      const { isAway, retryAfter = 0 } = error;
      say(isAway ? "AwayRetrying" : "Retrying");
      await pause(Math.max(PAUSE_MILLISECONDS * attempt, retryAfter));
    }
  }
}

/** Put the page that came back in the place of this one. */
async function show(response) {
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = next.getElementById("main");
  if (!main || !PAGES.includes(main.dataset.page)) return window.location.reload();
  document.getElementById("main").replaceWith(main);
  showLocalTimes(main);
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
    if (speech()?.takeId) {
      say("Uploading");
      await spoken.upload.settled(UPLOAD_MILLISECONDS);
    }
    say("Saving");
    const response = await post(form, filledIn(form, submitter));
    if (response.ok) forget(draftName());
    await show(response);
  } catch (error) {
    console.warn("The answer could not be sent:", error);
    buttons.forEach((button) => (button.disabled = false));
    if (error.code) return; // what the portal refused has been explained
    say(error.isAway ? "Away" : "Failed");
    submitter?.focus();
    waitForConnection(form, submitter);
  }
}

function filledIn(form, submitter) {
  form.elements.page.value = pageId;
  form.elements.take.value = speech()?.takeId ?? "";
  form.elements.duration_ms.value = Math.round(time.used);
  return new URLSearchParams(new FormData(form, submitter));
}

// The spoken answer

let spoken = null;
let time = null;

/** The spoken answer, if that is how this question is being answered. */
const speech = () => (spoken && !spoken.box.hidden ? spoken : null);

/** Answer aloud or in writing; remembered for the questions that follow. */
function chooseWay(way) {
  remember(WAY, way);
  showWay(way);
}

/** The candidate's own choice; against what the question suggests it outlives the question. */
function insistOn(way) {
  const { mode, session } = answerForm().dataset;
  if (session && SUGGESTED[mode]) {
    const isOwn = SUGGESTED[mode] !== way;
    (isOwn ? remember : forget)(`${OWN_WAY}-${session}`, way);
  }
  chooseWay(way);
}

function showWay(way) {
  const form = answerForm();
  form.elements.way.value = way;
  spoken.box.hidden = way !== "speak";
  spoken.show();
}

function prepareRecorder(form) {
  form.querySelector("[data-ways]").hidden = !canRecord();
  if (!canRecord()) return;
  spoken = new SpokenAnswer(form, {
    onNoTakes: writeInstead,
    onRefused: reload,
    onWords: (text) => remember(draftName(), text),
  });
  const recognises = form.querySelector("[data-recognise]");
  // Where voices stay on this server, there is no such choice.
  if (recognises) recognises.checked = recall(RECOGNISE) === "on";
  spoken.stage = spoken.takeId ? "review" : "ready";
  const { mode, session } = form.dataset;
  if (SUGGESTED[mode] && !isBegun(form)) {
    return showWay(recall(`${OWN_WAY}-${session}`) ?? SUGGESTED[mode]);
  }
  chooseWay(wantsToSpeak(form) ? "speak" : "write");
}

/** Tell whether an answer, or the choice of a way, was here before this script. */
function isBegun(form) {
  const { text, way } = form.elements;
  return Boolean(spoken.takeId || text.value || recall(draftName())) || way.value === "speak";
}

function writeInstead() {
  chooseWay("write");
  say("NoTakes");
}

/** By a recording that waits, a choice made already, the check page, an earlier question. */
function wantsToSpeak(form) {
  return (
    spoken.takeId !== "" ||
    form.elements.way.value === "speak" ||
    new URLSearchParams(window.location.search).has("speaking") ||
    recall(WAY) === "speak"
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
  if (speech()?.takeId === "") readQuestion();
}

function prepare() {
  const form = answerForm();
  spoken = null;
  time?.stop();
  if (!form) return;
  time = new TimeLimit(form, speech);
  prepareRecorder(form);
  prepareReading();
  restoreDraft();
  form.dataset.ready = "";
}

const ACTIONS = {
  record: () => spoken.record({ more: Boolean(spoken.takeId) }),
  again: () => spoken.record(),
  more: () => spoken.record({ more: true }),
  pause: () => spoken.pause(),
  continue: () => spoken.resume(),
  stop: () => spoken.stop(),
  write: () => insistOn("write"),
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
  if (event.target.name === "way") insistOn(event.target.value);
  if (event.target.matches("[data-recognise]")) {
    remember(RECOGNISE, event.target.checked ? "on" : "off");
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-read-aloud]")) readQuestion();
  if (event.target.closest("[data-more-time]")) time.takeMore();
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
