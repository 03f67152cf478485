/* A vacancy's questions as they are written: how long they take, and what is folded away.
 *
 * The sum is FrozenScript.minutes_at of vacancies/scripts.py; the server's stands here first.
 */

const table = document.getElementById("questions-data");
const line = document.querySelector("[data-minutes]");
if (table?.querySelector(".empty-form")) {
  table.addEventListener("input", follow);
  table.addEventListener("change", follow);
  table.addEventListener("formset:added", follow);
  table.addEventListener("click", () => setTimeout(follow)); // a row taken back
  follow();
}

function follow() {
  const rows = [...table.querySelectorAll(":scope > .form-group:not(.empty-form, [hidden])")];
  tellMinutes(rows.filter(isAsked).map(limitOf));
  rows.forEach(tellFolded);
}

function field(row, name) {
  return row.querySelector(`[name$="-${name}"]`);
}

function isAsked(row) {
  return field(row, "text").value.trim() !== "" && !row.querySelector("input.delete:checked");
}

function limitOf(row) {
  return Number(field(row, "time_limit_seconds").value) || 0;
}

function tellMinutes(limits) {
  const { brisk, thorough, longest, text, none } = line.dataset;
  const minutes = (pace) => {
    const seconds = limits.map((limit) => Math.min(limit || Number(pace), Number(longest)));
    return Math.max(1, rounded(seconds.reduce((sum, one) => sum + one, 0) / 60));
  };
  const fewest = minutes(brisk);
  const most = Math.max(minutes(thorough), fewest + 1);
  const words = limits.length ? text.replace("{fewest}", fewest).replace("{most}", most) : none;
  if (line.textContent.trim() !== words) line.textContent = words;
}

/** Round as the server does: a half goes to the even number. */
function rounded(number) {
  const below = Math.floor(number);
  if (number - below !== 0.5) return Math.round(number);
  return below % 2 ? below + 1 : below;
}

/** Say beside the fold what is in it, so that it need not be opened to be known. */
function tellFolded(row) {
  const mode = field(row, "answer_mode");
  const weight = field(row, "weight");
  const rubric = ["strong_answer", "weak_answer"].filter((name) => field(row, name).value.trim());
  const parts = [
    mode.value === "any" ? "" : mode.selectedOptions[0].textContent,
    Number(weight.value) > 1 ? `×${weight.value}` : "",
    ...rubric.map((name) => row.querySelector(`.folded-${name} label`).textContent),
  ];
  row.querySelector("[data-folded]").textContent = parts.filter(Boolean).join(" · ");
}
