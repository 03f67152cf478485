/* On a phone the page shows one candidate at a time: a switch at each question. */

function show(row, cell) {
  for (const other of row.cells) other.classList.toggle("current", other === cell);
  for (const button of row.querySelectorAll(".switch button")) {
    button.setAttribute("aria-pressed", String(button.target === cell));
  }
}

function switchOf(row, cells) {
  const group = document.createElement("div");
  group.className = "switch";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", row.cells[0].innerText);
  for (const cell of cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.dataset.name;
    button.target = cell;
    button.addEventListener("click", () => show(row, cell));
    group.append(button);
  }
  return group;
}

document.querySelectorAll(".compare tbody tr").forEach((row) => {
  const cells = [...row.querySelectorAll("td")];
  row.cells[0].append(switchOf(row, cells));
  row.classList.add("switched");
  show(row, cells[0]);
});

// One recording at a time.
document.addEventListener(
  "play",
  (event) => {
    for (const audio of document.querySelectorAll(".compare audio")) {
      if (audio !== event.target) audio.pause();
    }
  },
  true,
);
