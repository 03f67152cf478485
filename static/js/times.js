/* Times in the reader's own zone: `<time data-local>`. Without this the server's stand.
 *
 * `<time data-zoned>` is the hour of a named zone: where the reader's differs, it follows.
 */

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

function isOwnHour(stamp) {
  // The offset that the server wrote is that of the zone: "+03:00" at the end.
  const [, sign, hours, minutes] = stamp.match(/([+-])(\d\d):(\d\d)$/) ?? [];
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  return offset === -new Date(stamp).getTimezoneOffset();
}

export function showLocalTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    element.textContent = inOwnZone(new Date(element.dateTime));
  }
  for (const element of root.querySelectorAll("time[data-zoned]")) {
    element.textContent = element.textContent.split(" = ")[0];
    if (!isOwnHour(element.dateTime)) {
      element.textContent += ` = ${inOwnZone(new Date(element.dateTime))}`;
    }
  }
}

showLocalTimes();
