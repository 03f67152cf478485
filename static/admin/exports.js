// The form of an export shows what its format needs; the page of exports follows the worker.

const AGAIN_MS = 4000;

const format = document.querySelector("select[name=format]");
function showWhatIsNeeded() {
  for (const part of document.querySelectorAll("[data-only-for]")) {
    part.hidden = part.dataset.onlyFor !== format.value;
  }
}
format?.addEventListener("change", showWhatIsNeeded);
if (format) showWhatIsNeeded();

async function follow() {
  if (!document.querySelector("[data-being-made]")) return;
  if (!document.hidden) await refresh();
  setTimeout(follow, AGAIN_MS);
}

async function refresh() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#exports");
  const shown = document.querySelector("#exports");
  // What did not change stays, and with it the focus.
  if (fresh && fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
}

setTimeout(follow, AGAIN_MS);
