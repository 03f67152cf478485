/* Shows what is being heard: the answer, and the line of it where its time is known. */

import { stretchOf } from "./recordings.js";

export class Follower {
  constructor(page) {
    const links = page.querySelectorAll(".spoken a[href*='#t=']");
    this.lines = [...links].map((link) => ({
      ...stretchOf(link.href),
      line: link.closest("li"),
      question: link.closest(".question"),
    }));
    this.recording = null;
  }

  begin(recording) {
    this.clear();
    this.recording = recording;
    this.ofRecording = this.lines.filter((one) => one.file === recording.file);
  }

  follow(seconds, isPlaying) {
    const { question } = this.recording ?? {};
    question?.classList.toggle("is-heard", isPlaying);
    if (!isPlaying) {
      return;
    }
    const details = question?.querySelector("details.heard");
    if (details && !this.recording.wasOpened) {
      // Once: whoever closes it again has read enough.
      this.recording.wasOpened = details.open = true;
    }
    const groups = [question ?? null, null];
    for (const group of new Set(groups)) {
      this.light(this.ofRecording.filter((one) => one.question === group), seconds);
    }
  }

  light(lines, seconds) {
    const heard = lines.findLast((one) => one.start <= seconds);
    for (const one of lines) {
      one.line.classList.toggle("is-now", one === heard);
      if (one === heard) {
        one.line.setAttribute("aria-current", "true");
      } else {
        one.line.removeAttribute("aria-current");
      }
    }
  }

  clear() {
    this.recording?.question?.classList.remove("is-heard");
    for (const one of this.lines) {
      one.line.classList.remove("is-now");
      one.line.removeAttribute("aria-current");
    }
  }
}
