/* A colour field shows its colour, and takes it from the browser's own picker. */

const COLOUR = /^#[0-9a-f]{6}$/i;

function addPicker(field) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.className = "colour-picker";
  picker.setAttribute("aria-label", field.dataset.colour);
  const show = () => {
    picker.value = COLOUR.test(field.value) ? field.value : field.placeholder;
    picker.classList.toggle("none", !COLOUR.test(field.value));
  };
  picker.addEventListener("input", () => {
    field.value = picker.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  });
  field.addEventListener("input", show);
  field.after(picker);
  show();
}

document.querySelectorAll("[data-colour]").forEach(addPicker);
