/* Mends of the theme, for keyboards and screen readers. */

const CLICKABLE = "[x-on\\:click]:not(a[href], button, input, select, textarea, label, h3)";

document.addEventListener("DOMContentLoaded", () => {
  // Buttons made of elements that no keyboard reaches.
  document.querySelectorAll(CLICKABLE).forEach((element) => {
    element.tabIndex = 0;
    element.setAttribute("role", "button");
  });
  document.querySelectorAll("#result_list tbody tr").forEach(nameCells);
});

// On a phone a list's cells are told by their columns' names. The theme calls every first
// cell one to select a row by, and Writes Names Like This.
function nameCells(row) {
  const [first] = row.cells;
  if (first?.dataset.label && !first.querySelector(".action-select")) {
    first.dataset.label = nameOf(document.querySelector("#result_list thead th"));
  }
  for (const { dataset } of row.cells) {
    const label = dataset.label ?? "";
    if (label) dataset.label = label[0].toUpperCase() + label.slice(1);
  }
}

// A column that gives the order has icons, whose names are text.
function nameOf(header) {
  const copy = header.cloneNode(true);
  copy.querySelectorAll(".material-symbols-outlined").forEach((icon) => icon.remove());
  return copy.textContent.trim();
}

document.addEventListener("keydown", (event) => {
  if (
    (event.key === "Enter" || event.key === " ") &&
    event.target.matches?.(`${CLICKABLE}[role="button"]`)
  ) {
    event.preventDefault();
    event.target.click();
  }
});

// The search fields of autocomplete lists have no names.
function nameSearchField(select, field) {
  field?.setAttribute("aria-label", select.labels[0]?.innerText ?? "");
}

window.addEventListener("load", () => {
  // The lists are made when jQuery is ready, which may be after the page has loaded.
  window.django?.jQuery?.(() => {
    for (const select of document.querySelectorAll(".select2-hidden-accessible")) {
      nameSearchField(select, select.nextElementSibling?.querySelector("input[type=search]"));
    }
    django.jQuery(document).on("select2:open", (event) => {
      nameSearchField(
        event.target,
        document.querySelector(".select2-container--open .select2-search__field"),
      );
    });
  });
});
