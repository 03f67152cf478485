/* The theme makes buttons of elements that no keyboard reaches. This makes them reachable. */

const CLICKABLE = "[x-on\\:click]:not(a[href], button, input, select, textarea, label, h3)";

function open(element) {
  element.tabIndex = 0;
  element.setAttribute("role", "button");
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(CLICKABLE).forEach(open);
});

document.addEventListener("keydown", (event) => {
  if (
    (event.key === "Enter" || event.key === " ") &&
    event.target.matches?.(`${CLICKABLE}[role="button"]`)
  ) {
    event.preventDefault();
    event.target.click();
  }
});
