/* A list is confirmed once: the button rests while the server works. */

for (const form of document.querySelectorAll("form:has([data-once])")) {
  form.addEventListener("submit", () => {
    // After the browser has read the form.
    setTimeout(() => {
      for (const button of form.querySelectorAll("[data-once]")) {
        button.disabled = true;
      }
    });
  });
}

// Back from the next page, everything can be pressed again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-once]")) {
    button.disabled = false;
  }
});
