/* Fill {names} in a text of the page, which came in the reader's language. */

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
