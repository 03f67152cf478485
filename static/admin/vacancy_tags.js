/* Tags that are known are chosen by a press; whatever else is wanted is typed. */

const field = document.getElementById("id_tag_names");
const known = JSON.parse(document.getElementById("known-tags")?.textContent ?? "[]");
if (field && known.length) {
  const choices = document.createElement("div");
  choices.className = "tag-choices";
  choices.append(...known.map(button));
  field.after(choices);
  field.addEventListener("input", show);
  show();

  function button(name) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = name;
    element.addEventListener("click", () => toggle(name));
    return element;
  }

  function typed() {
    return field.value.split(",").map((name) => name.trim()).filter(Boolean);
  }

  function has(name) {
    return typed().some((one) => one.toLowerCase() === name.toLowerCase());
  }

  function toggle(name) {
    const others = typed().filter((one) => one.toLowerCase() !== name.toLowerCase());
    field.value = (has(name) ? others : [...others, name]).join(", ");
    field.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  }

  function show() {
    for (const element of choices.children) {
      element.setAttribute("aria-pressed", String(has(element.textContent)));
    }
  }
}
