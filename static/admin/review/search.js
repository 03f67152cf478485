/* Search within the interview. Marks are made of text nodes: what was said stays text. */

const WHERE = ".question .asked, .question .said, .call .said";

export class Search {
  constructor(bar, page) {
    this.bar = bar;
    this.page = page;
    this.field = bar.querySelector("input");
    this.output = bar.querySelector("output");
    this.buttons = [...bar.querySelectorAll("[data-to]")];
    this.marks = [];
    this.at = -1;
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.go(Number(button.dataset.to)));
    }
    bar.hidden = false;
  }

  pressed(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.field.value = "";
      this.search();
      this.field.blur();
    }
  }

  open() {
    this.field.focus();
    this.field.select();
  }

  search() {
    this.clear();
    const words = plain(this.field.value.trim());
    if (words) {
      for (const element of this.page.querySelectorAll(WHERE)) {
        this.marks.push(...markIn(element, words));
      }
    }
    this.at = -1;
    for (const button of this.buttons) {
      button.disabled = this.marks.length === 0;
    }
    this.say(words);
  }

  /* The first press goes to the first match. */
  go(step) {
    if (this.marks.length === 0) {
      return;
    }
    this.marks[this.at]?.classList.remove("is-current");
    const from = this.at < 0 && step < 0 ? 0 : this.at;
    this.at = (from + step + this.marks.length) % this.marks.length;
    const mark = this.marks[this.at];
    mark.classList.add("is-current");
    for (let box = mark.closest("details"); box; box = box.parentElement.closest("details")) {
      box.open = true;
    }
    mark.scrollIntoView({ block: "center" });
    this.say(true);
  }

  say(isSearching) {
    const { found, none } = this.bar.dataset;
    if (!isSearching) {
      this.output.textContent = "";
    } else if (this.marks.length === 0) {
      this.output.textContent = none;
    } else {
      const number = Math.max(this.at + 1, 1);
      this.output.textContent = found
        .replace("{number}", number)
        .replace("{total}", this.marks.length);
    }
  }

  clear() {
    for (const mark of this.marks) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
    this.marks = [];
  }
}

/* Without case, and ё as е; each character stays one, so that places agree. */
function plain(text) {
  return [...text]
    .map((character) => {
      const small = character.toLowerCase();
      return small.length === character.length ? small.replace("ё", "е") : character;
    })
    .join("");
}

function markIn(element, words) {
  const marks = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const place = plain(node.data).indexOf(words);
    if (place >= 0) {
      const found = place ? node.splitText(place) : node;
      const mark = document.createElement("mark");
      found.splitText(words.length);
      found.replaceWith(mark);
      mark.append(found);
      marks.push(mark);
      // The rest of the text comes next.
      walker.currentNode = found;
    }
  }
  return marks;
}
