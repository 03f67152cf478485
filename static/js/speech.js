// The question read aloud by the browser's own voice, in the interview's language.

const SYNTHESIS = window.speechSynthesis;

/** A voice that fits; undefined while the browser has not said which it has. */
function voiceFor(language) {
  return SYNTHESIS.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(language));
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
  SYNTHESIS.cancel();
  SYNTHESIS.speak(speech);
}

export function hush() {
  SYNTHESIS?.cancel();
}
