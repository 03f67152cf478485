/* Interviews that go on now: asked for anew while somebody looks. */

const EVERY_MS = 15_000;
const place = document.querySelector("[data-live]");

async function refresh() {
  if (document.hidden) return;
  try {
    // Whoever is signed out by now is sent elsewhere: what is shown stays as it is.
    const answer = await fetch(place.dataset.live, { redirect: "error" });
    if (!answer.ok) return;
    const found = await answer.text();
    // Nothing moves under a hand or a screen reader unless something has changed.
    if (!document.hidden && found !== place.dataset.shown) {
      place.dataset.shown = found;
      place.innerHTML = found;
    }
  } catch {
    // The network is away: the next time tells.
  }
}

if (place) {
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
}
