// The vendor's widget: most of the call page's bytes, so it comes behind everything else,
// and what has to be done to its element before it holds a call.

const LOOK_MILLISECONDS = 50;

let loading = null;

/** Load the widget's script, once; false if it could not be had, and then again on demand. */
export function loadWidget(url) {
  loading ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = url;
    script.fetchPriority = "low";
    script.onload = () => done(true);
    script.onerror = () => {
      loading = null;
      script.remove();
      done(false);
    };
    document.head.append(script);
  });
  return loading;
}

/** Copy the template's widget, in the dark with the colours of the night. */
export function newWidget(agent) {
  const template = agent.querySelector("[data-agent-widget]").content;
  const widget = template.firstElementChild.cloneNode(true);
  if (window.matchMedia("(prefers-color-scheme: dark)").matches) {
    const config = JSON.parse(widget.getAttribute("override-config"));
    config.styles = JSON.parse(agent.dataset.dark);
    widget.setAttribute("override-config", JSON.stringify(config));
  }
  return widget;
}

/** The widget has no method that starts it: its own button does. Null once it is removed. */
export async function startButton(widget, label) {
  const name = CSS.escape(label);
  while (widget.isConnected) {
    const button = widget.shadowRoot?.querySelector(`button[aria-label="${name}"]`);
    if (button) return button;
    await new Promise((done) => setTimeout(done, LOOK_MILLISECONDS));
  }
  return null;
}
