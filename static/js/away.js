// The page that stands in while the portal is out of reach: it asks again by itself, and
// goes on when there is an answer. What somebody had sent by a form is sent again.

const FIRST_MILLISECONDS = 3_000;
const LONGEST_MILLISECONDS = 15_000;
const ATTEMPT_MILLISECONDS = 15_000;
// As js/question.js names drafts: the interview, and the number of the question.
const DRAFT = /^parley-[0-9a-f-]{36}-\d+$/;

const again = document.querySelector("[data-again]");
const status = document.querySelector("[data-status]");
const form = again?.matches("form") ? again : null;
let timer = 0;
let wait = FIRST_MILLISECONDS;

function hasDraft() {
  try {
    const interview = window.location.pathname.split("/")[2];
    return Object.keys(localStorage).some((name) => DRAFT.test(name) && name.includes(interview));
  } catch {
    return false; // the browser stores nothing for this page
  }
}

const say = (name) => (status.textContent = status.dataset[`text${name}`]);

function ask() {
  return fetch(form ? form.action : window.location.href, {
    method: form ? "POST" : "GET",
    body: form && new URLSearchParams(new FormData(form)),
    credentials: "same-origin",
    signal: AbortSignal.timeout(ATTEMPT_MILLISECONDS),
  });
}

/** Go to where the answer leads; a form that leads nowhere says itself what is wrong. */
function goOn(response) {
  if (response.redirected) window.location.replace(response.url);
  else if (form) form.submit();
  else window.location.reload();
}

async function tryAgain() {
  clearTimeout(timer);
  say("Trying");
  try {
    const response = await ask();
    if (response.status < 500) return goOn(response);
  } catch (error) {
    console.warn("The portal is still out of reach:", error);
  }
  later();
}

/** Not all at the same moment: a portal that is back must not be overrun. */
function later() {
  say(hasDraft() ? "Kept" : "Waiting");
  timer = setTimeout(tryAgain, wait * (0.8 + Math.random() * 0.4));
  wait = Math.min(wait * 1.5, LONGEST_MILLISECONDS);
}

if (again) {
  again.addEventListener(form ? "submit" : "click", (event) => {
    event.preventDefault();
    tryAgain();
  });
  window.addEventListener("online", tryAgain);
  later();
}
