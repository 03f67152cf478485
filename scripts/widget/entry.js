// Entry of static/vendor/convai-widget.js: the pinned widget as one own file,
// so that the page runs no script from another host.
import { registerWidget } from "@elevenlabs/convai-widget-core";

// The client (1.14.0 to 1.25.0) hands the libsamplerate path to its input only; for
// its output Firefox and iOS would fetch the module from a public host, which the
// Content-Security-Policy refuses, and the call would not start.
const PUBLIC_COPY = /^https:\/\/cdn\.jsdelivr\.net\/.*libsamplerate/;

if (globalThis.AudioWorklet) {
  const addModule = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = function (url, ...rest) {
    const ownCopy = document
      .querySelector("elevenlabs-convai")
      ?.getAttribute("worklet-path-libsamplerate");
    const redirect = ownCopy && PUBLIC_COPY.test(String(url));
    return addModule.call(this, redirect ? ownCopy : url, ...rest);
  };
}

registerWidget();
