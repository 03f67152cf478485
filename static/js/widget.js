// The vendor's widget: most of the call page's bytes, so it comes behind everything else,
// and what has to be done to its element before it holds a call.

const LOOK_MILLISECONDS = 50;

let loading = null;

/** Load all a call needs, once; false if it could not be had, and then again on demand. */
export function loadWidget(agent) {
  loading ??= load(agent).catch(() => {
    loading = null;
    return false;
  });
  return loading;
}

async function load(agent) {
  await loadScript(agent.dataset.widgetUrl);
  await loadResampler(agent);
  return true;
}

function loadScript(url) {
  const script = document.createElement("script");
  script.src = url;
  script.fetchPriority = "low";
  const loaded = new Promise((done, failed) => {
    script.onload = done;
    script.onerror = () => {
      script.remove();
      failed(new Error(url));
    };
  });
  document.head.append(script);
  return loaded;
}

/** Where the browser sets no sample rate, the widget asks for this, at the call's cost. */
async function loadResampler(agent) {
  if (navigator.mediaDevices?.getSupportedConstraints().sampleRate) return;
  const { firstElementChild: element } = widgetTemplate(agent);
  const url = element.getAttribute("worklet-path-libsamplerate");
  const response = await fetch(url, { priority: "low" }); // more than all else together
  await response.blob();
}

const widgetTemplate = (agent) => agent.querySelector("[data-agent-widget]").content;

/** Copy the template's widget, in the dark with the colours of the night. */
export function newWidget(agent) {
  const widget = widgetTemplate(agent).firstElementChild.cloneNode(true);
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
