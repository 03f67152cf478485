// The call on the interview page. The widget holds the conversation; everything around
// it is here: the microphone, the queue, the way back after a drop, and the end. The page
// shows one state at a time, each a section of the template. One page at a time has the
// interview: when another takes it, this one rests.

import { writeDown } from "./captions.js";
import { remember } from "./memory.js";
import { closeMicrophone, openMicrophone, problemOf, showOwnWay } from "./recorder.js";
import { Watch } from "./watch.js";
import { loadWidget, newWidget, startButton } from "./widget.js";

// What one call asks of the portal while it goes on (bench/capacity.py counts with these):
// a look at the interview's state after each answer, and otherwise one of each a minute.
const ALIVE_MILLISECONDS = 60_000;
const LOOKS = { afterTool: 300, afterWords: 1_000, apart: 15_000, atLatest: 60_000 };
// The client changes to another microphone by itself; that is seen without any request.
const HEARING_MILLISECONDS = 5_000;
// A start that takes longer than this has failed: the widget does not say so.
const START_MILLISECONDS = 20_000;
// Time for the interviewer's last words after the portal has closed the interview.
const GOODBYE_MILLISECONDS = 20_000;
// Calls that drop are begun again by themselves, but not without end.
const RECONNECTIONS = 2;
const PAUSE_MILLISECONDS = 1_500;
// A call that held so long was a good one: drops are counted anew after it.
const GOOD_CALL_MILLISECONDS = 60_000;
// The portal's refusals that mean: nothing more will be asked.
const OVER = ["finished", "expired", "cancelled"];

const agent = document.querySelector("[data-agent]");
const stage = agent.querySelector("[data-agent-stage]");
const deaf = agent.querySelector("[data-agent-deaf]");
const pageId = crypto.randomUUID?.() ?? `${Math.random()}`.slice(2);
const otherPages =
  "BroadcastChannel" in window && new BroadcastChannel(`parley-${agent.dataset.session}`);

let call = "none"; // none | starting | connected
let conversationId = ""; // of the call, as far as it is known
// Counts the ways to a call: who has waited finds here that another began meanwhile.
let attempt = 0;
let isResting = false;
let connectedAt = 0;
let conversation = null; // the client's, while it goes on
let reconnections = 0;
let timers = [];
let watch = null; // of the call, while it is connected
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
  const progress = fill(agent.dataset.textProgress, { position, total });
  question.textContent = text;
  agent.querySelector("[data-agent-progress]").textContent = progress;
  // The interviewer reads the question itself aloud.
  say(progress);
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

async function send(body) {
  try {
    const response = await post(agent.dataset.callUrl, body);
    if (response.status === 409 && (await response.json()).code === "replaced") rest();
  } catch (error) {
    console.warn("The call could not be reported:", error);
  }
}

/** Send reports one after another, so they arrive in the order of what happened. */
function report(body) {
  const ofThisCall = { conversationId, ...body };
  lastReport = lastReport.then(() => send(ofThisCall));
}

/** Report the end of the call, if there is one, and clear it away. */
function hangUp(reason, detail = "") {
  if (call !== "none") report({ event: "disconnected", reason, detail });
  call = "none";
  attempt++;
  stopTimers();
  releaseMicrophone();
  conversation?.endSession().catch(() => {}); // it may have ended by itself
  conversation = null;
  checkHearing();
  stage.replaceChildren();
}

// The other pages of this interview

/** Another window or device has the interview now: end what is here, and say so. */
function rest() {
  if (isResting) return;
  isResting = true;
  hangUp("replaced");
  show("elsewhere");
}

if (otherPages) {
  otherPages.onmessage = ({ data }) => {
    if (data.kind === "here" && data.page !== pageId) rest();
  };
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
    return "open"; // offline for a moment: the next look asks again
  }
}

// The microphone

/** Hold the microphone, or name what forbids it. Nothing has been asked of anybody yet. */
async function microphoneProblem() {
  if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
  const mine = attempt;
  try {
    const stream = await openMicrophone();
    if (mine === attempt) microphone = stream;
    else closeMicrophone(stream);
    return "";
  } catch (error) {
    return problemOf(error);
  }
}

/** Kept until the call has its own: a page that hears is also allowed to speak. */
function releaseMicrophone() {
  closeMicrophone(microphone);
  microphone = null;
}

// The way to a call

async function begin() {
  hangUp("again");
  isResting = false;
  const mine = attempt;
  show("microphone");
  loadWidget(agent); // while somebody looks for the button that allows the microphone
  const problem = await microphoneProblem();
  if (mine !== attempt) return;
  if (problem) return show(problem);
  show("connecting");
  // On a slow line it takes a while, and a call that waits for it would be lost.
  const isLoaded = await loadWidget(agent);
  if (mine !== attempt) return;
  if (!isLoaded) return unavailable();
  await askForCall(mine);
}

/** Ask the portal for a call until there is one, or none can be had. */
async function askForCall(mine = attempt) {
  const answer = await askedForCall();
  if (mine !== attempt) return;
  if (answer.status === 200) return startCall(answer.body);
  if (answer.status === 202) return wait(answer.body);
  if (answer.status < 500) return reload();
  unavailable();
}

function unavailable() {
  releaseMicrophone();
  show("unavailable");
}

/** Return how the portal answers; as a failure of its own, when it does not. */
async function askedForCall() {
  await lastReport; // the end of the call before costs this one nothing
  try {
    const response = await post(agent.dataset.startUrl, {});
    return { status: response.status, body: response.ok && (await response.json()) };
  } catch (error) {
    console.warn("The call could not be asked for:", error);
    return { status: 503 };
  }
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

async function startCall({ signedUrl, conversationId: id, dynamicVariables }) {
  call = "starting";
  conversationId = id;
  if (otherPages) otherPages.postMessage({ kind: "here", page: pageId });
  timers.push(setTimeout(() => ended("start"), START_MILLISECONDS));
  const mine = attempt;
  if (!microphone) await microphoneProblem(); // released while waiting
  if (mine !== attempt) return;
  const widget = newWidget(agent);
  widget.setAttribute("signed-url", signedUrl);
  widget.setAttribute("dynamic-variables", JSON.stringify(dynamicVariables));
  stage.replaceChildren(widget);
  const button = await startButton(widget, agent.dataset.startLabel);
  if (mine === attempt) button?.click();
}

// The call

document.addEventListener("elevenlabs-convai:call", ({ detail: { config } }) => {
  const mine = attempt;
  const ifMine =
    (heed) =>
    (...values) =>
      mine === attempt && heed(...values);
  config.onConnect = ifMine(({ conversationId: id }) => connected(id));
  config.onError = ifMine((message) =>
    report({ event: "error", detail: String(message).slice(0, 500) }),
  );
  config.onConversationCreated = (created) =>
    mine === attempt ? follow(created, ifMine) : created.endSession();
});

/** Call `ours` after the object's own function, which the widget has set and needs. */
function after(object, name, ours) {
  const own = object[name];
  object[name] = (...values) => {
    const result = own?.apply(object, values);
    ours(...values);
    return result;
  };
}

/** Learn what is said in the call, how it hears, and how it ends. */
function follow(created, ifMine) {
  const { textYou, textInterviewer } = agent.dataset;
  const disconnected = ({ reason, closeReason, message }) =>
    ended(reason, closeReason || message);
  const said = ({ role, message }) => {
    writeDown(role === "user" ? textYou : textInterviewer, message);
    if (role !== "user") watch?.agentSpoke();
  };
  after(created.options, "onDisconnect", ifMine(disconnected));
  after(created.options, "onMessage", ifMine(said));
  after(created.options, "onAgentToolResponse", ifMine(toolAnswered));
  // What is typed does not come back from the vendor.
  after(created, "sendUserMessage", ifMine((text) => writeDown(textYou, text)));
  conversation = created;
  checkHearing();
}

/** The agent has asked the portal for something, so the interview may have moved. */
function toolAnswered({ is_error: isError }) {
  watch?.toolAnswered();
  // Refused, perhaps because another page has the interview: the report finds out.
  if (isError && call === "connected") report({ event: "alive" });
}

/** Say so when the microphone of the call was taken away; the call itself goes on. */
function checkHearing() {
  // Looked up each time: the client changes to another one by itself.
  const track = conversation?.input?.inputStream?.getAudioTracks()[0];
  track?.addEventListener("ended", checkHearing); // once, however often it is added
  const isDeaf = track?.readyState === "ended";
  if (deaf.hidden === isDeaf) deaf.hidden = !isDeaf; // it is a live region
}

navigator.mediaDevices?.addEventListener("devicechange", checkHearing);

function connected(id) {
  if (call !== "starting") return;
  call = "connected";
  conversationId = id;
  connectedAt = Date.now();
  stopTimers();
  releaseMicrophone();
  show("connected");
  report({ event: "connected" });
  timers.push(setInterval(() => report({ event: "alive" }), ALIVE_MILLISECONDS));
  timers.push(setInterval(checkHearing, HEARING_MILLISECONDS));
  watch = new Watch({ look: checkEnd, ...LOOKS });
  watch.look();
}

/** A call may be over without the widget being told: the portal's state decides. */
async function checkEnd() {
  const mine = attempt;
  const state = await interviewState();
  if (mine !== attempt || state !== "finished") return;
  watch.stop();
  timers.push(setTimeout(() => ended("silent"), GOODBYE_MILLISECONDS));
}

function stopTimers() {
  timers.forEach(clearTimeout); // intervals too: both have numbers of one kind
  timers = [];
  watch?.stop();
  watch = null;
}

/** The call is over, for whatever reason: remove it, and lead on. */
async function ended(reason, detail = "") {
  if (call === "none") return;
  const wasConnected = call === "connected";
  if (wasConnected && Date.now() - connectedAt > GOOD_CALL_MILLISECONDS) reconnections = 0;
  hangUp(reason, String(detail ?? "").slice(0, 500));
  const mine = attempt;
  await lastReport;
  const state = await interviewState();
  if (mine !== attempt) return; // called again, or resting
  if (state !== "open") return finish();
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
  const mine = attempt;
  show("reconnecting");
  await pause(PAUSE_MILLISECONDS);
  if (mine === attempt) begin();
}

window.addEventListener("pagehide", () => {
  // Not queued behind other reports: nothing runs after this.
  if (call !== "none") send({ event: "disconnected", reason: "page", conversationId });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) reload(); // the call has not survived in the browser's store
});

for (const button of agent.querySelectorAll("[data-agent-begin], [data-agent-again]")) {
  button.addEventListener("click", () => {
    reconnections = 0;
    begin();
  });
  button.disabled = false; // until now it would have done nothing
}
for (const link of document.querySelectorAll('a[href$="?writing"]')) {
  // Whoever chose to speak before the call now means it: the question page opens for writing.
  link.addEventListener("click", () => remember("parley-way", "write"));
}
if (!window.isSecureContext || !navigator.mediaDevices) show("insecure");
showOwnWay(agent);
// Behind everything that the page itself needs; whoever saves data loads it for a call alone.
if (!navigator.connection?.saveData) {
  window.addEventListener("load", () => loadWidget(agent));
}
