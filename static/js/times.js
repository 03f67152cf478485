/* Times in the reader's own zone: `<time data-local>`. Without this the server's stand. */

const page = document.documentElement.lang;
// The page's language in the reader's own variety of it: 23:30 or 11:30 PM.
const language = navigator.languages.find((own) => own.split("-")[0] === page) ?? page;
const day = { weekday: "long", day: "numeric", month: "long" };
const hour = { hour: "numeric", minute: "2-digit" };

function zoneName(moment) {
  const zone = new Intl.DateTimeFormat(language, { timeZoneName: "long" });
  return zone.formatToParts(moment).find((part) => part.type === "timeZoneName").value;
}

function inOwnZone(moment) {
  const isThisYear = moment.getFullYear() === new Date().getFullYear();
  const year = isThisYear ? {} : { year: "numeric" };
  const written = new Intl.DateTimeFormat(language, { ...day, ...year, ...hour });
  return `${written.format(moment)} (${zoneName(moment)})`;
}

export function showLocalTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    element.textContent = inOwnZone(new Date(element.dateTime));
  }
}

showLocalTimes();
