/* What a wording becomes, shown as one types. The server writes it, as it does the letter. */

const form = document.getElementById("wording");
const shown = document.getElementById("preview");
const PAUSE = 400;
let timer;
let asked;

async function show() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      signal: asked.signal,
    });
    if (answer.ok) {
      shown.innerHTML = await answer.text();
    }
  } catch {
    // Typed on, or offline: the preview before stays, and the button asks again.
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});
