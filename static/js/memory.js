// What a browser keeps for these pages: drafts and choices, on the device alone. It may
// refuse to store anything; then nothing is remembered, and nothing fails.

function attempt(action, ...values) {
  try {
    return localStorage[action](...values);
  } catch {
    return null;
  }
}

export const remember = (name, value) => attempt("setItem", name, value);
export const recall = (name) => attempt("getItem", name);
export const forget = (name) => attempt("removeItem", name);
