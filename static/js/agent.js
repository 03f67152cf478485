// The call on the interview page. The widget holds the conversation; everything around
// it is here: the microphone, the queue, the way back after a drop, and the end. The page
// shows one state at a time, each a section of the template.

const POLL_MILLISECONDS = 5_000;
const ALIVE_MILLISECONDS = 30_000;
// A start that takes longer than this has failed: the widget does not say so.
const START_MILLISECONDS = 20_000;
// Time for the interviewer's last words after the portal has closed the interview.
const GOODBYE_MILLISECONDS = 20_000;
// Calls that drop are begun again by themselves, but not without end.
const RECONNECTIONS = 2;
const PAUSE_MILLISECONDS = 1_500;
// The portal's refusals that mean: nothing more will be asked.
const OVER = ["finished", "expired", "cancelled"];

const agent = document.querySelector("[data-agent]");
const stage = agent.querySelector("[data-agent-stage]");

let call = "none"; // none | starting | connected
let reconnections = 0;
let finishedAt = 0;
let timers = [];
let microphone = null;
let lastReport = Promise.resolve();

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// What the candidate sees and hears of the page

function say(text) {
  agent.querySelector("[data-agent-status]").textContent = text;
}

/** Show one state, and tell those who cannot see it. */
function show(state) {
  for (const section of agent.querySelectorAll("[data-state]")) {
    section.hidden = section.dataset.state !== state;
  }
  const section = agent.querySelector(`[data-state="${state}"]`);
  say([...section.querySelectorAll("h1, p:not([hidden])")].map((e) => e.textContent).join(" "));
  (section.querySelector("button") ?? section.querySelector("h1")).focus();
}

/** The server knows which page comes next. */
function reload() {
  window.location.replace(window.location.pathname + window.location.search);
}

function showProgress({ position, total, text, done }) {
  if (done || !position) return;
  const question = agent.querySelector("[data-agent-question]");
  if (question.textContent === text) return;
  question.textContent = text;
  agent.querySelector("[data-agent-progress]").textContent = fill(
    agent.dataset.textProgress,
    { position, total },
  );
}

// What the page says to the portal

function post(url, body) {
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true, // the last report must outlive the page
    headers: { "Content-Type": "application/json", "X-CSRFToken": agent.dataset.csrfToken },
    body: JSON.stringify(body),
  });
}

const send = (body) =>
  post(agent.dataset.callUrl, body).catch((error) =>
    console.warn("The call could not be reported:", error),
  );

/** Send reports one after another, so they arrive in the order of what happened. */
function report(body) {
  lastReport = lastReport.then(() => send(body));
}

/** Ask the portal where the interview is; "open" when it cannot be asked just now. */
async function interviewState() {
  try {
    const response = await fetch(agent.dataset.stateUrl, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    const state = await response.json();
    if (response.status === 409 && OVER.includes(state.code)) return "finished";
    if (!response.ok) return "open";
    if (call === "connected") showProgress(state);
    return state.done ? "done" : "open";
  } catch {
    return "open"; // offline for a moment: the next poll asks again
  }
}

// The microphone

/** Hold the microphone, or name what forbids it. Nothing has been asked of anybody yet. */
async function microphoneProblem() {
  if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
  try {
    microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    return "";
  } catch (error) {
    if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "missing";
    return ["NotAllowedError", "SecurityError"].includes(error.name) ? "denied" : "busy";
  }
}

/** Kept until the call has its own: a page that hears is also allowed to speak. */
function releaseMicrophone() {
  microphone?.getTracks().forEach((track) => track.stop());
  microphone = null;
}

// The way to a call

async function begin() {
  stopTimers();
  show("microphone");
  const problem = await microphoneProblem();
  if (problem) return show(problem);
  show("connecting");
  await askForCall();
}

/** Ask the portal for a call until there is one, or none can be had. */
async function askForCall() {
  try {
    const response = await post(agent.dataset.startUrl, {});
    if (response.status === 200) return startCall(await response.json());
    if (response.status === 202) return wait(await response.json());
    if (response.status < 500) return reload();
  } catch (error) {
    console.warn("The call could not be asked for:", error);
  }
  releaseMicrophone();
  show("unavailable");
}

/** Wait for a free call; the portal keeps the place of those who go on asking. */
function wait({ position, retryAfterSeconds }) {
  releaseMicrophone();
  const text = fill(agent.dataset.textPosition, { number: position });
  const line = agent.querySelector("[data-agent-position]");
  const isNews = line.textContent !== text;
  line.textContent = text;
  if (agent.querySelector('[data-state="waiting"]').hidden) show("waiting");
  else if (isNews) say(text);
  timers.push(setTimeout(askForCall, retryAfterSeconds * 1000));
}

async function startCall({ signedUrl, dynamicVariables }) {
  call = "starting";
  timers.push(setTimeout(() => ended("start"), START_MILLISECONDS));
  if (!microphone) await microphoneProblem(); // released while waiting
  const widget = newWidget();
  widget.setAttribute("signed-url", signedUrl);
  widget.setAttribute("dynamic-variables", JSON.stringify(dynamicVariables));
  stage.replaceChildren(widget);
  (await startButton(widget))?.click();
}

/** Copy the template's widget, in the dark with the colours of the night. */
function newWidget() {
  const template = agent.querySelector("[data-agent-widget]").content;
  const widget = template.firstElementChild.cloneNode(true);
  if (window.matchMedia("(prefers-color-scheme: dark)").matches) {
    const config = JSON.parse(widget.getAttribute("override-config"));
    config.styles = JSON.parse(agent.dataset.dark);
    widget.setAttribute("override-config", JSON.stringify(config));
  }
  return widget;
}

/** The widget has no method that starts it: its own button does. */
async function startButton(widget) {
  const name = CSS.escape(agent.dataset.startLabel);
  while (call === "starting" && widget.isConnected) {
    const button = widget.shadowRoot?.querySelector(`button[aria-label="${name}"]`);
    if (button) return button;
    await pause(50);
  }
  return null;
}

// The call

document.addEventListener("elevenlabs-convai:call", ({ detail: { config } }) => {
  config.onConnect = ({ conversationId }) => connected(conversationId);
  config.onError = (message) => report({ event: "error", detail: String(message).slice(0, 500) });
  config.onConversationCreated = (conversation) => {
    // The widget needs this callback itself and overwrites ours: wrap the one it set.
    const { onDisconnect } = conversation.options;
    conversation.options.onDisconnect = (details) => {
      onDisconnect?.(details);
      ended(details.reason, details.closeReason || details.message);
    };
  };
});

function connected(conversationId) {
  if (call !== "starting") return;
  call = "connected";
  stopTimers();
  releaseMicrophone();
  show("connected");
  report({ event: "connected", conversationId });
  timers.push(setInterval(() => report({ event: "alive" }), ALIVE_MILLISECONDS));
  timers.push(setInterval(checkEnd, POLL_MILLISECONDS));
  checkEnd();
}

/** A call may be over without the widget being told: the portal's state decides. */
async function checkEnd() {
  if ((await interviewState()) !== "finished") return;
  finishedAt ||= Date.now();
  if (Date.now() - finishedAt > GOODBYE_MILLISECONDS) ended("silent");
}

function stopTimers() {
  timers.forEach(clearTimeout); // intervals too: both have numbers of one kind
  timers = [];
}

/** The call is over, for whatever reason: remove it, and lead on. */
async function ended(reason, detail = "") {
  if (call === "none") return;
  const wasConnected = call === "connected";
  call = "none";
  stopTimers();
  releaseMicrophone();
  stage.replaceChildren();
  report({ event: "disconnected", reason, detail: String(detail ?? "").slice(0, 500) });
  if ((await interviewState()) !== "open") return finish();
  if (["user", "agent"].includes(reason)) return show("stopped");
  if (!wasConnected) return show("unavailable");
  return reconnections++ < RECONNECTIONS ? reconnect() : show("dropped");
}

async function finish() {
  show("finished");
  await lastReport;
  reload();
}

async function reconnect() {
  show("reconnecting");
  await pause(PAUSE_MILLISECONDS);
  begin();
}

window.addEventListener("pagehide", () => {
  // Not queued behind other reports: nothing runs after this.
  if (call !== "none") send({ event: "disconnected", reason: "page" });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) reload(); // the call has not survived in the browser's store
});

for (const button of agent.querySelectorAll("[data-agent-begin]")) {
  button.addEventListener("click", () => {
    reconnections = 0;
    begin();
  });
}
if (!window.isSecureContext || !navigator.mediaDevices) show("insecure");
