// The check before the first question: microphone, sound, connection. Nothing is sent.

import { remember } from "./memory.js";
import {
  canRecord,
  chooseDevice,
  closeMicrophone,
  openMicrophone,
  problemOf,
  Recorder,
  showProblem,
  watchLevel,
} from "./recorder.js";
import { canReadAloud, readAloud } from "./speech.js";

const SAMPLE_MILLISECONDS = 5_000;
const HEARD_LEVEL = 0.05;
const SILENT_MILLISECONDS = 6_000;
const PROBES = 3;
const SLOW_MILLISECONDS = 800;

const check = document.querySelector("[data-check]");
const find = (selector) => check.querySelector(selector);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

let stream = null;
let isWarmed = false;
let stopWatching = () => {};

function tell(name) {
  find("[data-microphone-status]").textContent = check.dataset[`text${name}`];
}

// The microphone

function tellProblem(name) {
  find("[data-problems]").hidden = !name;
  showProblem(check, name);
  find("[data-microphone]").hidden = Boolean(name);
  find("[data-microphone-start]").hidden = !name;
}

async function tryMicrophone() {
  letGo();
  warmCall();
  if (!canRecord()) return tellProblem("unsupported");
  try {
    stream = await openMicrophone();
  } catch (error) {
    return tellProblem(problemOf(error));
  }
  tellProblem("");
  for (const track of stream.getTracks()) track.onended = () => tellProblem("lost");
  listenForVoice();
  await listDevices();
}

/** Whoever tries the microphone is likely to call: the widget may be on its way already. */
function warmCall() {
  const { widgetUrl } = check.dataset;
  if (!widgetUrl || isWarmed || navigator.connection?.saveData) return;
  isWarmed = true;
  fetch(widgetUrl, { priority: "low" }).catch(() => (isWarmed = false));
}

function letGo() {
  stopWatching();
  stopWatching = () => {};
  closeMicrophone(stream);
  stream = null;
}

function listenForVoice() {
  let isHeard = false;
  const since = performance.now();
  tell("Speak");
  stopWatching = watchLevel(stream, (level) => {
    find("[data-level]").value = level;
    if (isHeard) return;
    isHeard = level > HEARD_LEVEL;
    if (isHeard) tell("Heard");
    else if (performance.now() - since > SILENT_MILLISECONDS) tell("Silent");
  });
}

async function listDevices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!stream) return; // let go meanwhile
  const microphones = devices.filter(({ kind }) => kind === "audioinput");
  const present = stream.getAudioTracks()[0].getSettings().deviceId;
  const options = microphones.map(
    ({ deviceId, label }) => new Option(label, deviceId, false, deviceId === present),
  );
  find("[data-device]").replaceChildren(...options);
  find("[data-devices]").hidden = microphones.length < 2;
}

async function hearYourself(button) {
  letGo();
  button.disabled = true;
  tell("Recording");
  const recorder = new Recorder({
    onPiece: () => {},
    onLevel: (level) => (find("[data-level]").value = level),
    onLost: () => tellProblem("lost"),
  });
  try {
    await recorder.start();
    await pause(SAMPLE_MILLISECONDS);
    play(await recorder.stop());
  } catch (error) {
    tellProblem(problemOf(error));
  }
  button.disabled = false;
}

function play(recording) {
  const player = find("[data-sample]");
  URL.revokeObjectURL(player.src);
  player.src = URL.createObjectURL(recording);
  player.hidden = false;
  player.focus();
  tell("Listen");
}

// The connection

/** Ask for a small file of the portal some times, and tell how long that took. */
async function tryConnection() {
  const line = find("[data-connection]");
  const times = [];
  try {
    for (let probe = 0; probe < PROBES; probe++) {
      const began = performance.now();
      await fetch("/healthz", { cache: "no-store" });
      times.push(performance.now() - began);
    }
    const typical = times.sort((one, other) => one - other)[Math.floor(PROBES / 2)];
    line.textContent = check.dataset[typical > SLOW_MILLISECONDS ? "textSlow" : "textGood"];
  } catch {
    line.textContent = check.dataset.textOffline;
  }
}

// The page

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-try-microphone]")) tryMicrophone();
  if (event.target.closest("[data-play-sentence]")) {
    readAloud(check.dataset.textSample, check.dataset.language);
  }
  const sample = event.target.closest("[data-record-sample]");
  if (sample) hearYourself(sample);
  const way = event.target.closest("a[data-way]");
  if (way) remember("parley-way", way.dataset.way);
});

find("[data-device]").addEventListener("change", (event) => {
  chooseDevice(event.target.value);
  tryMicrophone();
});
window.addEventListener("online", tryConnection);
window.addEventListener("offline", tryConnection);
window.addEventListener("pagehide", letGo);

for (const button of check.querySelectorAll("button")) button.disabled = false;
find("[data-sound]").hidden = !canReadAloud(check.dataset.language);
tryConnection();
