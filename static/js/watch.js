// When a call asks the portal where the interview is: as soon as one of the agent's tools
// has been answered, for then the interview has moved; and otherwise rarely. Ten thousand
// calls that asked every few seconds would be most of the portal's work.

export class Watch {
  #timer = 0;
  #dueAt = Infinity;
  #lookedAt = -Infinity;
  #hearsTools = false;

  /**
   * `look()` asks. In milliseconds: `afterTool` a tool's answer, several at once being
   * answered together; `afterWords` of an agent that does not tell of its tools, but then
   * at least `apart` from the look before; `atLatest`, whatever was heard or not.
   */
  constructor({ look, afterTool, afterWords, apart, atLatest }) {
    Object.assign(this, { afterTool, afterWords, apart, atLatest });
    this.ask = look;
  }

  look() {
    clearTimeout(this.#timer);
    this.#lookedAt = Date.now();
    this.#dueAt = Infinity;
    this.#lookWithin(this.atLatest);
    this.ask();
  }

  toolAnswered() {
    this.#hearsTools = true;
    this.#lookWithin(this.afterTool);
  }

  agentSpoke() {
    if (this.#hearsTools) return;
    const rest = this.#lookedAt + this.apart - Date.now();
    this.#lookWithin(Math.max(this.afterWords, rest));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#dueAt = -Infinity;
  }

  /** Look after so long, unless a look is due before that. */
  #lookWithin(milliseconds) {
    const dueAt = Date.now() + milliseconds;
    if (dueAt >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.look(), milliseconds);
  }
}
