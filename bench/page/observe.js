// Runs before anything of a page: keeps what the browser tells of paints, shifts and work.
(() => {
  const seen = { paints: {}, shifts: [], tasks: [], largest: 0, ready: 0 };
  const watch = (type, heed) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(heed));
    observer.observe({ type, buffered: true });
  };
  watch("paint", ({ name, startTime }) => (seen.paints[name] = startTime));
  watch("largest-contentful-paint", ({ startTime }) => (seen.largest = startTime));
  watch("longtask", ({ startTime, duration }) => seen.tasks.push({ startTime, duration }));
  watch("layout-shift", ({ value, hadRecentInput, startTime, sources }) => {
    if (hadRecentInput) return;
    const moved = sources.map(({ node }) => node?.nodeName ?? "");
    seen.shifts.push({ value, startTime, moved });
  });
  // Scripts enable the buttons, or mark the form, when they are there to be used.
  const mark = () => (seen.ready = performance.now());
  new MutationObserver(mark).observe(document, {
    attributeFilter: ["data-ready", "disabled"],
    subtree: true,
  });
  const now = () => performance.timeOrigin + performance.now();
  const press = () => sessionStorage.setItem("pressed", String(now()));
  document.addEventListener("click", press, { capture: true });

  window.observed = () => {
    const first = seen.paints["first-contentful-paint"];
    const late = seen.tasks.filter(({ startTime }) => startTime > first);
    const pressed = Number(sessionStorage.getItem("pressed"));
    return {
      first_paint: seen.paints["first-paint"],
      first_contentful_paint: first,
      largest_contentful_paint: seen.largest,
      ready: seen.ready,
      shift: seen.shifts.reduce((sum, { value }) => sum + value, 0),
      shifted: seen.shifts.flatMap(({ moved }) => moved),
      blocking: late.reduce((sum, { duration }) => sum + duration - 50, 0),
      since_pressed: pressed && performance.timeOrigin + seen.largest - pressed,
    };
  };
  window.sincePressed = () => now() - Number(sessionStorage.getItem("pressed"));
})();
