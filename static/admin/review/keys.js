/* The page by keyboard. While somebody types, a key is a letter and nothing else. */

const LATIN = /^[a-z]$/i;
const SHIFTED = { Comma: "<", Period: ">", Slash: "?" };

export function listenToKeys({ questions, player, search, moments, drafts, help }) {
  const actions = {
    " ": () => player.toggle(),
    j: () => questions.move(1),
    k: () => questions.move(-1),
    ArrowDown: () => questions.move(1),
    ArrowUp: () => questions.move(-1),
    ArrowLeft: () => player.skip(-5),
    ArrowRight: () => player.skip(5),
    "<": () => player.changeSpeed(-1),
    ">": () => player.changeSpeed(1),
    m: () => moments.mark(questions.current),
    "/": () => search.open(),
    "?": () => help.showModal(),
  };
  for (const digit of drafts ? "012345" : "") {
    actions[digit] = () => {
      const question = questions.current;
      drafts.mark(question, questions.numberOf(question), digit === "0" ? "" : digit);
    };
  }
  document.addEventListener("keydown", (event) => {
    const action = actions[keyOf(event)];
    if (action && !isTaken(event) && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      action();
    }
  });
}

/* The key by its letter, and by its place where the keyboard is not Latin: «о» is J. */
function keyOf({ key, code, shiftKey }) {
  if (code.startsWith("Key") && !LATIN.test(key)) {
    return code.slice(3).toLowerCase();
  }
  if (/[<>?/ 0-5]/.test(key) || key.length > 1) {
    return key;
  }
  if (shiftKey && code in SHIFTED) {
    return SHIFTED[code];
  }
  return code === "Slash" ? "/" : key.toLowerCase();
}

function isTaken(event) {
  const { target, key } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
    return true;
  }
  if (target.matches("textarea, select, input:not([type=radio], [type=range]), [contenteditable]")) {
    return true;
  }
  // Space presses a button; arrows move within radio buttons and the seek bar.
  const isSpace = key === " " && target.matches("button, summary, input, [role=button]");
  return isSpace || (key.startsWith("Arrow") && target.matches("input"));
}
