/* Order the rows of an inline by keyboard and by number; dragging is the theme's part.
 *
 * The numbers follow the rows: whatever moves a row, the rows are counted anew. The
 * server orders by the numbers alone.
 */

for (const table of document.querySelectorAll("table[data-ordering-field]")) {
  if (table.querySelector(".empty-form")) {
    makeOrderable(table);
  }
}

function makeOrderable(table) {
  const numberOf = (row) =>
    row.querySelector(`input[name$="-${table.dataset.orderingField}"]`);
  const rows = () =>
    [...table.querySelectorAll(":scope > .form-group:not(.empty-form, [hidden])")].filter(
      (row) => !row.querySelector("input.delete:checked"),
    );
  const words = numberOf(table.querySelector(".empty-form")).dataset;

  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("aria-live", "polite");
  table.after(live);

  // The template of new rows gets its buttons too, so clicks are heard by the table.
  for (const row of table.querySelectorAll(":scope > .form-group")) {
    numberOf(row).after(button("up", words.up), button("down", words.down));
  }

  function button(direction, label) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "order-button";
    element.dataset.direction = direction;
    element.setAttribute("aria-label", label);
    element.title = label;
    element.textContent = direction === "up" ? "↑" : "↓";
    return element;
  }

  function renumber() {
    rows().forEach((row, index) => {
      numberOf(row).value = index + 1;
    });
  }

  function move(row, place) {
    const others = rows().filter((other) => other !== row);
    const next = others[Math.max(place, 1) - 1];
    if (next) {
      next.before(row);
    } else {
      others.at(-1)?.after(row);
    }
    renumber();
    // So that the theme warns before unsaved changes are left behind.
    numberOf(row).dispatchEvent(new Event("input", { bubbles: true }));
    live.textContent = words.position
      .replace("{place}", rows().indexOf(row) + 1)
      .replace("{total}", rows().length);
  }

  table.addEventListener("click", (event) => {
    const pressed = event.target.closest(".order-button");
    if (pressed) {
      const row = pressed.closest(".form-group");
      move(row, rows().indexOf(row) + (pressed.dataset.direction === "up" ? 0 : 2));
      pressed.focus();
    }
  });

  table.addEventListener("change", (event) => {
    const row = event.target.closest(".form-group");
    if (!row) {
      return; // a drag has events of the same name, on the table itself
    }
    if (event.target === numberOf(row)) {
      move(row, Number(event.target.value) || Infinity);
      event.target.focus();
    } else if (event.target.matches("input.delete")) {
      renumber();
    }
  });

  // The theme's own removal of a new row counts rows by where they stand, not by their
  // index, and empties the rows below. A row marked as deleted needs no counting.
  table.addEventListener(
    "click",
    (event) => {
      const row = event.target.closest(".delete-template")?.closest(".form-group");
      if (row) {
        event.stopPropagation();
        const mark = document.createElement("input");
        mark.type = "hidden";
        mark.name = numberOf(row).name.replace(/[^-]+$/, "DELETE");
        mark.value = "on";
        row.append(mark);
        row.hidden = true;
        renumber();
        (rows().at(-1) ?? table).querySelector("textarea, a.add-row")?.focus();
      }
    },
    true,
  );

  table.addEventListener("formset:added", (event) => {
    renumber();
    event.target.querySelector("textarea")?.focus();
  });

  // After a drag the theme counts from 0, and only then is it our turn.
  table.addEventListener("end", () => setTimeout(renumber));
  table.closest("form").addEventListener("submit", renumber);

  // A form that came back with errors has the numbers asked for, on rows as they were.
  const number = (row) => Number(numberOf(row).value) || Infinity;
  const sorted = rows().sort((a, b) => number(a) - number(b) || 0);
  table.querySelector(":scope > .empty-form").before(...sorted);
  renumber();
}
