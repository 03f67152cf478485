// One question of the built-in interviewer. The page works without this: here an answer
// is sent without leaving the page, survives a lost connection, and is kept as a draft.

const ATTEMPTS = 4;
const ATTEMPT_MILLISECONDS = 15_000;
const PAUSE_MILLISECONDS = 1_500;

let shownAt = performance.now();

const answerForm = () => document.querySelector("form[data-answer]");

function say(name) {
  const form = answerForm();
  const status = form.querySelector("[data-status]");
  status.textContent = name ? form.dataset[`text${name}`] : "";
  status.toggleAttribute("data-failed", name === "Failed");
}

// Drafts. A browser may refuse to store anything: then there are none.

function draft(action, value) {
  try {
    return localStorage[action](`parley-${answerForm().dataset.draft}`, value);
  } catch {
    return null;
  }
}

function keepDraft(text) {
  draft("setItem", text);
  say("Kept");
}

function restoreDraft() {
  const field = answerForm().elements.text;
  // On a slow phone somebody may have begun to type before this script was there.
  if (field.value) return keepDraft(field.value);
  const kept = draft("getItem");
  if (!kept) return;
  field.value = kept;
  say("Restored");
}

// Sending

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Post the form; sending the same answer twice does no harm, so failures are repeated. */
async function post(form, body) {
  for (let attempt = 1; ; attempt++) {
    try {
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
  const kinds = ["question", "finished"];
  if (!main || !kinds.includes(main.dataset.page)) return window.location.reload();
  document.getElementById("main").replaceWith(main);
  document.title = next.title;
  if (response.ok) history.replaceState(null, "", response.url);
  shownAt = performance.now();
  prepare();
  (main.querySelector("[aria-invalid]") ?? main.querySelector("h1")).focus();
  window.scrollTo(0, 0);
}

async function send(form, submitter) {
  form.elements.duration_ms.value = Math.round(performance.now() - shownAt);
  const body = new URLSearchParams(new FormData(form, submitter));
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  say("Saving");
  try {
    const response = await post(form, body);
    if (response.ok) draft("removeItem");
    await show(response);
  } catch {
    say("Failed");
    buttons.forEach((button) => (button.disabled = false));
    submitter?.focus();
  }
}

// Reading aloud

function readAloud() {
  const question = document.getElementById("question");
  const speech = new SpeechSynthesisUtterance(question.textContent);
  speech.lang = question.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
}

function prepare() {
  const button = document.querySelector("[data-read-aloud]");
  if (button && "speechSynthesis" in window) button.hidden = false;
  if (answerForm()) restoreDraft();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-answer]")) return;
  event.preventDefault();
  if ("speechSynthesis" in window) speechSynthesis.cancel();
  send(event.target, event.submitter);
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("form[data-answer] textarea")) return;
  keepDraft(event.target.value);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-read-aloud]")) readAloud();
});

prepare();
