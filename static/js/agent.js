// The call on the interview page: tells the portal what happens to the call, and
// leads the candidate on when it ends, since the widget itself does neither.

const POLL_MILLISECONDS = 5000;
// The portal's refusals that mean: nothing more will be asked.
const OVER = ["finished", "expired", "cancelled"];
// Time for the interviewer's last words after the portal has closed the interview.
const GOODBYE_MILLISECONDS = 20_000;
// A start that takes longer than this has failed: the widget does not say so. The
// time while the browser asks for the microphone comes on top, but not without end,
// as some browsers go on saying that they ask.
const START_MILLISECONDS = 15_000;
const PERMISSION_MILLISECONDS = 60_000;

const agent = document.querySelector("[data-agent]");
const widget = agent.querySelector("elevenlabs-convai");

let call = "none"; // none | starting | connected | ended
let startedAt = 0;
let askedUntil = 0;
let finishedAt = 0;
let pollTimer = 0;
let lastReport = Promise.resolve();

function announce(name) {
  agent.querySelector("[data-agent-status]").textContent = agent.dataset[`text${name}`];
}

/** Replace the widget, which offers no usable button now, by a notice with one. */
function showNotice(name) {
  widget.remove();
  const notice = agent.querySelector(`[data-agent-${name.toLowerCase()}]`);
  notice.hidden = false;
  notice.querySelector("[data-agent-restart]").focus();
  announce(name);
}

/** The server knows which page comes next, and signs a new address for the call. */
function reload() {
  window.location.replace(window.location.pathname + window.location.search);
}

function send(body) {
  return fetch(agent.dataset.callUrl, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true, // the last report must outlive the page
    headers: { "Content-Type": "application/json", "X-CSRFToken": agent.dataset.csrfToken },
    body: JSON.stringify(body),
  }).catch((error) => console.warn("The call could not be reported:", error));
}

/** Send reports one after another, so they arrive in the order of what happened. */
function report(body) {
  lastReport = lastReport.then(() => send(body));
}

/** Ask the portal how far the interview is: "open", "done" or "finished". */
async function interviewState() {
  try {
    const response = await fetch(agent.dataset.stateUrl, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    const state = await response.json();
    if (response.status === 409 && OVER.includes(state.code)) return "finished";
    return response.ok && state.done === true ? "done" : "open";
  } catch {
    return "open"; // offline for a moment: the next poll asks again
  }
}

/** "missing" and "denied" end a start; on "prompt" the candidate is being asked. */
async function microphoneState() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((device) => device.kind === "audioinput")) return "missing";
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "unknown"; // a browser that does not answer this question
  }
}

async function endCall(reason, detail = "", notice = "Dropped") {
  if (call === "ended") return;
  call = "ended";
  clearInterval(pollTimer);
  report({ event: "disconnected", reason, detail: detail.slice(0, 500) });
  if ((await interviewState()) === "open") return showNotice(notice);
  announce("Finished");
  await lastReport;
  reload();
}

/** When the microphone is refused or missing, no callback of the widget is called. */
async function checkStart() {
  const microphone = await microphoneState();
  if (call !== "starting") return;
  if (["missing", "denied"].includes(microphone)) {
    endCall("microphone", microphone, "Nomic");
    return;
  }
  const now = Date.now();
  if (microphone === "prompt" && now - startedAt < PERMISSION_MILLISECONDS) askedUntil = now;
  if (now - Math.max(startedAt, askedUntil) > START_MILLISECONDS) endCall("start");
}

/** A call may be over without the widget being told: the portal's state decides. */
async function checkEnd() {
  if ((await interviewState()) !== "finished") return;
  finishedAt ||= Date.now();
  if (Date.now() - finishedAt > GOODBYE_MILLISECONDS) endCall("silent");
}

document.addEventListener("elevenlabs-convai:call", ({ detail: { config } }) => {
  call = "starting";
  startedAt = Date.now();
  announce("Starting");
  report({ event: "starting" });
  clearInterval(pollTimer);
  pollTimer = setInterval(
    () => (call === "starting" ? checkStart() : checkEnd()),
    POLL_MILLISECONDS,
  );

  config.onConnect = ({ conversationId }) => {
    call = "connected";
    announce("Connected");
    report({ event: "connected", conversationId });
  };
  config.onError = (message) => report({ event: "error", detail: String(message).slice(0, 500) });
  config.onConversationCreated = (conversation) => {
    // The widget needs this callback itself and overwrites ours: wrap the one it set.
    const { onDisconnect } = conversation.options;
    conversation.options.onDisconnect = (details) => {
      onDisconnect?.(details);
      endCall(details.reason, details.closeReason || details.message);
    };
  };
});

window.addEventListener("pagehide", () => {
  // Not queued behind other reports: nothing runs after this.
  if (["starting", "connected"].includes(call)) send({ event: "disconnected", reason: "page" });
});

for (const button of agent.querySelectorAll("[data-agent-restart]")) {
  button.addEventListener("click", reload);
}

if (!window.isSecureContext || !navigator.mediaDevices) showNotice("Nomic");
