/* Copy buttons: `data-copy` names the field whose text goes to the clipboard. */

const live = document.getElementById("copied");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const field = document.getElementById(button.dataset.copy);
    const copied = await toClipboard(field);
    live.textContent = "";
    // A text that does not change is not read out again.
    requestAnimationFrame(() => {
      live.textContent = copied ? live.dataset.done : live.dataset.failed;
    });
    if (copied) {
      flash(button);
    }
  }
});

async function toClipboard(field) {
  try {
    // Absent where the portal is served without HTTPS.
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.hidden = false;
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

function flash(button) {
  button.dataset.label ??= button.textContent;
  button.textContent = live.dataset.done;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.textContent = button.dataset.label;
  }, 2000);
}
