// The question read aloud by the browser's own voice, in the interview's language.

const SYNTHESIS = window.speechSynthesis;

/** Tell whether nothing of the interview may leave for a foreign service. */
const staysHere = () => Boolean(document.querySelector("[data-voice-here]"));

/** A voice that fits; undefined while the browser has not said which it has. */
function voiceFor(language) {
  return SYNTHESIS.getVoices().find(
    (voice) => voice.lang.toLowerCase().startsWith(language) && (voice.localService || !staysHere()),
  );
}

/** An English voice would only mangle a Russian question: then there is no reading. */
export function canReadAloud(language) {
  if (!SYNTHESIS || !("SpeechSynthesisUtterance" in window)) return false;
  return SYNTHESIS.getVoices().length === 0 || Boolean(voiceFor(language));
}

export function readAloud(text, language) {
  const speech = new SpeechSynthesisUtterance(text);
  speech.lang = language;
  const voice = voiceFor(language);
  if (voice) speech.voice = voice;
  // The browser's own choice could be a voice that its maker's service speaks.
  else if (staysHere()) return;
  SYNTHESIS.cancel();
  SYNTHESIS.speak(speech);
}

export function hush() {
  SYNTHESIS?.cancel();
}
