"""The agent's own words, beside those of the portal."""

from collections import defaultdict

ENGLISH = {
    "still_there": "Are you still there? Take your time.",
    "thanks": "Thank you.",
    "ready": "I am ready.",
    "goodbye": "Thank you, that was the last question. Goodbye!",
    "trouble": "I am sorry, something does not work. Please try again later.",
    "speech": "[speech, {} s]",
    "more": "And one more thing.",
}
RUSSIAN = {
    "still_there": "Вы ещё здесь? Не торопитесь.",
    "thanks": "Спасибо.",
    "ready": "Я готов.",
    "goodbye": "Спасибо, это был последний вопрос. До свидания!",
    "trouble": "Извините, что-то не работает. Пожалуйста, попробуйте позже.",
    "speech": "[речь, {} с]",
    "more": "И ещё кое-что.",
}
PHRASES = defaultdict(lambda: ENGLISH, en=ENGLISH, ru=RUSSIAN)
