/* Questions of the bank are added in the order they are ticked; each says its place. */

const form = document.querySelector("form[data-choose]");
const boxes = [...form.querySelectorAll("input[name=question]")];
let chosen = form.elements.chosen.value.split(",").filter((key) => boxOf(key)?.checked);

function boxOf(key) {
  return boxes.find((box) => box.value === key);
}

function show() {
  form.elements.chosen.value = chosen.join(",");
  for (const box of boxes) {
    const place = chosen.indexOf(box.value) + 1;
    box.closest("label").querySelector("[data-place]").textContent = place || "";
  }
}

form.addEventListener("change", ({ target }) => {
  if (target.name !== "question") return;
  chosen = chosen.filter((key) => key !== target.value);
  if (target.checked) chosen.push(target.value);
  show();
});

// A browser that comes back ticks what was ticked.
for (const box of boxes) {
  if (box.checked && !chosen.includes(box.value)) chosen.push(box.value);
}
show();
