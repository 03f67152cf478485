// The microphone: a recording in pieces of two seconds, and how loud it is.

import { recall, remember } from "./memory.js";

const PIECE_MILLISECONDS = 2_000;
const LEVEL_MILLISECONDS = 100;
const BITS_PER_SECOND = 32_000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const DEVICE = "parley-microphone";

export const canRecord = () =>
  window.isSecureContext && Boolean(navigator.mediaDevices) && "MediaRecorder" in window;

/** Name what an error of the microphone means to its owner. */
export function problemOf(error) {
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "missing";
  return ["NotAllowedError", "SecurityError"].includes(error.name) ? "denied" : "busy";
}

/** Name the browser as the help does; "" where it is none of those. */
function ownBrowser() {
  const agent = navigator.userAgent;
  if (/Firefox|FxiOS/.test(agent)) return "firefox";
  if (/Android/.test(agent)) return "android";
  if (/Chrome|Chromium|Edg/.test(agent)) return "chrome";
  return /Safari/.test(agent) ? "safari" : "";
}

/** Show the help for one problem. */
export function showProblem(place, name) {
  for (const section of place.querySelectorAll("[data-problem]")) {
    section.hidden = section.dataset.problem !== name;
  }
  showOwnWay(place);
}

/** Of the ways to allow the microphone leave only the one of this browser. */
export function showOwnWay(place) {
  const own = ownBrowser();
  for (const way of place.querySelectorAll("[data-browser]")) {
    way.hidden = own !== "" && way.dataset.browser !== own;
  }
}

export const chooseDevice = (id) => remember(DEVICE, id);

export function openMicrophone() {
  const device = recall(DEVICE);
  return navigator.mediaDevices.getUserMedia({
    audio: device ? { deviceId: { ideal: device } } : true,
  });
}

export function closeMicrophone(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Call `onLevel` with the loudness, 0 to 1, until the returned function is called. */
export function watchLevel(stream, onLevel) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    onLevel(Math.min(1, Math.sqrt(power) * 4));
  }, LEVEL_MILLISECONDS);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

export class Recorder {
  #stream = null;
  #media = null;
  #pieces = [];
  #recordedBefore = 0;
  #runningSince = 0;
  #stopWatching = () => {};

  /** `onPiece(blob, milliseconds)`, `onLevel(0…1)`, `onLost()` when the microphone goes. */
  constructor({ onPiece, onLevel, onLost }) {
    Object.assign(this, { onPiece, onLevel, onLost });
  }

  /** Begin; rejects with the browser's error if there is no microphone to be had. */
  async start() {
    this.#stream = await openMicrophone();
    const type = TYPES.find((name) => MediaRecorder.isTypeSupported(name));
    this.#media = new MediaRecorder(this.#stream, {
      mimeType: type,
      audioBitsPerSecond: BITS_PER_SECOND,
    });
    this.#media.ondataavailable = ({ data }) => this.#keep(data);
    for (const track of this.#stream.getTracks()) track.onended = () => this.#lost();
    this.#stopWatching = watchLevel(this.#stream, this.onLevel);
    // A microphone may take a second to wake up: what is said before is not recorded.
    const started = new Promise((done) => this.#media.addEventListener("start", done));
    this.#media.start(PIECE_MILLISECONDS);
    await started;
    this.#runningSince = performance.now();
  }

  get milliseconds() {
    const running = this.#runningSince ? performance.now() - this.#runningSince : 0;
    return Math.round(this.#recordedBefore + running);
  }

  get isPaused() {
    return this.#media?.state === "paused";
  }

  pause() {
    this.#halt();
    this.#media.pause();
  }

  resume() {
    this.#media.resume();
    this.#runningSince = performance.now();
  }

  /** End, and return the whole recording once its last piece is there. */
  async stop() {
    this.#halt();
    if (this.#media?.state !== "inactive") {
      const stopped = new Promise((done) => this.#media.addEventListener("stop", done));
      this.#media.stop();
      await stopped;
    }
    this.#release();
    return new Blob(this.#pieces, { type: this.#media.mimeType });
  }

  #halt() {
    this.#recordedBefore = this.milliseconds;
    this.#runningSince = 0;
  }

  #keep(data) {
    if (!data.size) return;
    this.#pieces.push(data);
    this.onPiece(data, this.milliseconds);
  }

  #lost() {
    if (this.#media.state !== "inactive" || this.#runningSince) this.onLost();
  }

  #release() {
    this.#stopWatching();
    this.#stopWatching = () => {};
    for (const track of this.#stream.getTracks()) track.onended = null;
    closeMicrophone(this.#stream);
  }
}
