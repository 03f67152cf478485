// The candidate's words, written down by the browser while they speak, where it can.

const Service = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const PLACES = { en: "en-US", ru: "ru-RU" };
// These pass, or mean that nobody has said anything; every other error is final.
const HARMLESS = ["no-speech", "aborted"];

export const canRecognise = () => Boolean(Service);

export class Recognition {
  #service = null;
  #wanted = false;
  #final = "";

  /** `onText(final, interim)` as words come; `onFailure()` once, if it cannot go on. */
  constructor({ language, onText, onFailure }) {
    Object.assign(this, { language, onText, onFailure });
  }

  start() {
    this.#wanted = true;
    if (!this.#service) this.#listen();
  }

  stop() {
    this.#wanted = false;
    this.#service?.stop();
  }

  #listen() {
    const service = new Service();
    service.lang = PLACES[this.language] ?? this.language;
    service.continuous = true;
    service.interimResults = true;
    service.onresult = (event) => this.#take(event);
    service.onerror = ({ error }) => {
      if (HARMLESS.includes(error) || !this.#wanted) return;
      this.#wanted = false;
      this.onFailure();
    };
    service.onend = () => {
      this.#service = null;
      // Browsers end it after a pause of some seconds, while the candidate thinks.
      if (this.#wanted) this.#listen();
    };
    this.#service = service;
    try {
      service.start();
    } catch {
      this.#wanted = false;
      this.onFailure();
    }
  }

  #take(event) {
    let interim = "";
    for (const result of [...event.results].slice(event.resultIndex)) {
      const words = result[0].transcript.trim();
      if (result.isFinal) this.#final = `${this.#final} ${words}`.trim();
      else interim = `${interim} ${words}`.trim();
    }
    this.onText(this.#final, interim);
  }
}
