/* One player for all recordings of the page. Nothing is fetched before it is asked for. */

import { Follower } from "./follow.js";
import { recordingOf, stretchOf } from "./recordings.js";
import { clock, fill } from "./words.js";

const STEP = 5;
const SPEED = "parley-review-speed";

export class Player {
  constructor(bar, questions) {
    this.bar = bar;
    this.words = bar.dataset;
    this.questions = questions;
    this.onHelp = () => {};
    const page = bar.closest(".review");
    const players = page.querySelectorAll("audio[src]");
    this.recordings = [...players].map((audio) => recordingOf(audio, this.words));
    this.answers = this.recordings.filter((one) => one.isAnswer);
    this.audio = bar.querySelector("audio");
    this.seekBar = bar.querySelector("input");
    this.speed = bar.querySelector("select");
    this.problem = bar.querySelector(".player-problem");
    this.follower = new Follower(page);
    this.now = null;
    this.listen(page);
    this.recallSpeed();
    bar.hidden = this.recordings.length === 0;
    if (this.answers.length) {
      this.name(this.answers[0]);
    }
  }

  listen(page) {
    const actions = {
      toggle: () => this.toggle(),
      back: () => this.skip(-STEP),
      forward: () => this.skip(STEP),
      previous: () => this.neighbour(-1),
      next: () => this.neighbour(1),
      help: () => this.onHelp(),
    };
    this.bar.addEventListener("click", (event) => {
      actions[event.target.closest("[data-do]")?.dataset.do]?.();
    });
    page.addEventListener("click", (event) => this.clicked(event));
    this.seekBar.addEventListener("input", () => this.seek(Number(this.seekBar.value)));
    this.speed.addEventListener("change", () => this.setSpeed(this.speed.value));
    for (const kind of ["timeupdate", "play", "pause", "durationchange", "seeked"]) {
      this.audio.addEventListener(kind, () => this.show());
    }
    this.audio.addEventListener("error", () => this.failed());
  }

  clicked(event) {
    const recording = this.recordings.find((one) => one.button === event.target.closest("button"));
    if (recording) {
      this.play(recording, recording === this.now && !this.isOver ? this.place : 0);
      return;
    }
    const link = event.target.closest("a[href*='#t=']");
    if (link) {
      event.preventDefault();
      this.playFrom(link);
    }
  }

  /* A line of a call's transcript: played within its answer, or within the whole call. */
  playFrom(link) {
    const { file, start } = stretchOf(link.href);
    const inside = this.recordings.filter(
      (one) => one.file === file && one.start <= start && start < one.end,
    );
    const own = inside.find((one) => one.question === link.closest(".question"));
    const recording = own ?? inside.find((one) => !one.question) ?? inside[0];
    if (recording) {
      this.play(recording, start - recording.start);
    }
  }

  /* Play the answer to a question, from so many seconds after its beginning. */
  playAnswer(question, place = 0) {
    const recording = this.answers.find((one) => one.question === question);
    if (recording) {
      this.play(recording, place);
    }
  }

  play(recording, place = 0) {
    this.problem.textContent = "";
    if (this.now !== recording) {
      this.name(recording);
      if (this.audio.src !== recording.file) {
        this.audio.src = recording.file;
      }
    }
    this.now = recording;
    if (recording.question) {
      this.questions.take(recording.question);
    }
    // Set before the file is here, it is where the file begins to play.
    this.audio.currentTime = recording.start + place;
    this.audio.playbackRate = Number(this.speed.value);
    this.audio.play().catch(() => {});
    this.show();
  }

  name(recording) {
    const number = this.questions.numberOf(recording.question);
    const what = this.bar.querySelector(".player-what");
    what.textContent = recording.isAnswer
      ? fill(this.words.answer, { number })
      : recording.label;
    this.follower.begin(recording);
  }

  toggle() {
    if (this.now && !this.audio.paused) {
      this.audio.pause();
      return;
    }
    const question = this.questions.current;
    const isElsewhere = this.now?.question && this.now.question !== question;
    const other = isElsewhere && this.answers.find((one) => one.question === question);
    const recording = other || this.now || this.firstFor(question);
    if (recording) {
      this.play(recording, recording === this.now && !this.isOver ? this.place : 0);
    }
  }

  firstFor(question) {
    return (
      this.answers.find((one) => one.question === question) ??
      this.answers[0] ??
      this.recordings[0]
    );
  }

  neighbour(step) {
    const at = this.answers.indexOf(this.now ?? this.answers[0]);
    const recording = this.answers[this.now ? at + step : 0];
    if (recording) {
      this.questions.open(recording.question);
      this.play(recording);
    }
  }

  skip(seconds) {
    if (this.now) {
      this.seek(this.place + seconds);
    }
  }

  seek(place) {
    if (this.now) {
      this.audio.currentTime = this.now.start + Math.min(Math.max(place, 0), this.length);
      this.show();
    }
  }

  /* Where it stands and how long it is, in seconds from the beginning of the stretch. */
  get place() {
    return this.now ? Math.max(0, this.audio.currentTime - this.now.start) : 0;
  }

  get length() {
    if (!this.now) {
      return 0;
    }
    const whole = Number.isFinite(this.audio.duration) ? this.audio.duration : Infinity;
    const length = Math.min(this.now.end, whole) - this.now.start;
    return Number.isFinite(length) ? length : this.now.length;
  }

  get isOver() {
    return this.audio.ended || (this.length > 0 && this.place >= this.length - 0.05);
  }

  setSpeed(value) {
    this.speed.value = value;
    this.audio.playbackRate = Number(value);
    try {
      localStorage.setItem(SPEED, value);
    } catch {
      // Not remembered where the browser keeps nothing.
    }
  }

  changeSpeed(step) {
    const option = this.speed.options[this.speed.selectedIndex + step];
    if (option) {
      this.setSpeed(option.value);
    }
  }

  recallSpeed() {
    let value = null;
    try {
      value = localStorage.getItem(SPEED);
    } catch {
      return;
    }
    if ([...this.speed.options].some((option) => option.value === value)) {
      this.speed.value = value;
    }
  }

  show() {
    const isPlaying = !this.audio.paused;
    if (isPlaying && this.now && this.audio.currentTime >= this.now.end) {
      this.audio.pause();
      return;
    }
    const button = this.bar.querySelector("[data-do='toggle']");
    button.setAttribute("aria-label", isPlaying ? this.words.pause : this.words.play);
    button.firstElementChild.textContent = isPlaying ? "pause" : "play_arrow";
    this.seekBar.max = this.length;
    this.seekBar.value = this.place;
    const at = { now: clock(this.place), end: clock(this.length) };
    this.seekBar.setAttribute("aria-valuetext", fill(this.words.at, at));
    this.bar.querySelector(".player-time").textContent = `${at.now} / ${at.end}`;
    this.follower.follow(this.audio.currentTime, isPlaying);
  }

  failed() {
    this.problem.textContent = this.words.noSound;
  }
}
