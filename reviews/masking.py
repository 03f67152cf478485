"""Taking a candidate's name out of a text, as far as that can be done with words.

Names are found by their letters alone: large or small, with е for ё, and with the endings
of Russian declension. A diminutive, or another spelling, is not found.
"""

import re
import unicodedata

MASK = "███"
# In letters; scripts that know no capitals have shorter names, and no spaces around them.
SHORTEST_PART, SHORTEST_SIGNS = 3, 2
WORD = re.compile(r"[^\W\d_]+")
CYRILLIC = re.compile(r"[а-яё]+")

# What a Russian name may end in, by what it ends in as it is given, longer ones first:
# "" is any consonant.
ENDINGS = {
    "ский": "ский ского скому ским ском ская ской скую ские ских скими скою",
    "цкий": "цкий цкого цкому цким цком цкая цкой цкую цкие цких цкими цкою",
    "ская": "ский ского скому ским ском ская ской скую ские ских скими скою",
    "цкая": "цкий цкого цкому цким цком цкая цкой цкую цкие цких цкими цкою",
    "ова": "ова овой ову овою ове ов овым овы овых овыми",
    "ева": "ева евой еву евою еве ев евым евы евых евыми",
    "ина": "ина иной ину иною ине ины ин иным иных иными",
    "ой": "ой ого ому ым им ом ая ую ые ых ыми ою",
    "ый": "ый ого ому ым ом ая ой ую ые ых ыми ою",
    "ая": "ая ой ую ою ый ого ому ым ом ые ых ыми",
    "ия": "ия ии ию ией иею ие ий иям иями иях",
    "ий": "ий ия ию ием ии ие ого ому им ом",
    "ел": "ел ла лу лом ле лы лов лам",
    "ев": "ев ева еву евым ева евой евою евы евых евыми ьва ьву ьвом ьве",
    "ец": "ец ца цу цом цем це",
    "ёк": "ёк ька ьку ьком ьке",
    "ок": "ок ка ку ком ке ока оку оком оке",
    "а": "а ы и е у ой ою ей ею ым ых ыми о",
    "я": "я и е ю ей ею ёй",
    "й": "й я ю ем е и",
    "ь": "ь я ю ем ём е и ью",
    "о": "о",
    "е": "е",
    "и": "и",
    "у": "у",
    "ю": "ю",
    "ы": "ы",
    "э": "э",
    "": " а у ом ым е ой ою ы ых ыми ам ами ах ем",
}


def mask(text: str, name: str, email: str = "") -> str:
    """Return the text without the candidate's name and e-mail address."""
    pattern = pattern_of(name, email)
    return pattern.sub(MASK, unicodedata.normalize("NFC", text)) if pattern else text


def pattern_of(name: str, email: str) -> re.Pattern[str] | None:
    """Return what finds the parts of a name, and the address; None if there are none."""
    parts = WORD.findall(unicodedata.normalize("NFC", name))
    found = [re.escape(email)] if email else []
    found += [expression for part in parts if (expression := expression_of(part))]
    return re.compile("|".join(found), re.IGNORECASE) if found else None


def expression_of(part: str) -> str:
    if part.lower() == part.upper():
        return re.escape(part) if len(part) >= SHORTEST_SIGNS else ""
    if len(part) < SHORTEST_PART:
        return ""
    is_russian = CYRILLIC.fullmatch(part.lower())
    forms = declined(part.lower()) if is_russian else spelling(part)
    return rf"(?<![^\W\d_])(?:{forms})(?![^\W\d_])"


def declined(part: str) -> str:
    """Return the expression for a part of a Russian name in all its cases."""
    ending = next(one for one in ENDINGS if part.endswith(one) and len(one) < len(part))
    stem = part[: len(part) - len(ending)]
    endings = "|".join(spelling(one) for one in ENDINGS[ending].split(" "))
    return f"{spelling(stem)}(?:{endings})"


def spelling(word: str) -> str:
    return "".join(letter(one) for one in word)


def letter(one: str) -> str:
    """Return the expression for a letter with or without its marks; й is not и."""
    if one in "её":
        return "[её]"
    plain = unicodedata.normalize("NFD", one)[0]
    return re.escape(one) if one == "й" or plain == one else f"[{one}{plain}]"
