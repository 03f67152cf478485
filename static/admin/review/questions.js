/* Which question is at hand: keys act on it, and the address names it (#q3). */

export class Questions {
  constructor(page) {
    this.all = [...page.querySelectorAll(".question")];
    this.at = 0;
    this.show();
    page.addEventListener("focusin", (event) => this.take(event.target));
    page.addEventListener("click", (event) => this.take(event.target));
    window.addEventListener("hashchange", () => this.openFromAddress());
  }

  /* Whoever scrolled away means what they see. */
  get current() {
    const question = this.all[this.at];
    if (question && !isSeen(question)) {
      const seen = this.all.findIndex(isSeen);
      if (seen >= 0) {
        this.choose(seen);
      }
    }
    return this.all[this.at];
  }

  numberOf(question) {
    return this.all.indexOf(question) + 1;
  }

  take(element) {
    const index = this.all.indexOf(element.closest(".question"));
    if (index >= 0 && index !== this.at) {
      this.choose(index);
    }
  }

  choose(index) {
    this.at = index;
    this.show();
    history.replaceState(null, "", `#${this.all[index].id}`);
  }

  show() {
    this.all.forEach((question, index) => {
      question.classList.toggle("is-current", index === this.at);
    });
  }

  /* Go to a neighbour of what is seen; the focus goes along, so that it is read out. */
  move(step) {
    const index = this.all.indexOf(this.current) + step;
    if (index >= 0 && index < this.all.length) {
      this.open(this.all[index]);
    }
  }

  open(question) {
    this.choose(this.all.indexOf(question));
    question.focus({ preventScroll: true });
    question.scrollIntoView({ block: "start" });
  }

  openFromAddress() {
    const question = this.all.find((one) => `#${one.id}` === location.hash);
    if (question) {
      this.open(question);
    }
  }
}

/* Enough of it to know that one means it. */
function isSeen(question) {
  const { top, bottom } = question.getBoundingClientRect();
  return bottom > 120 && top < window.innerHeight - 160;
}
