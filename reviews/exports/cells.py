"""Text in tables: what a spreadsheet would take for a formula, and what it cannot hold."""

import re

# Whatever reads as one of the four to Excel, which looks past blanks and wide forms.
SIGNS = "=+@\\-＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
BLANKS = r"[\s\u200b-\u200f\u2060\ufeff]*"
# A cell may begin where the text does, where a line does, and, if the file is taken apart
# by the other separator, after any of them.
BEGINNING = re.compile(rf"(^|[\r\n;,\t|])({BLANKS})(?=[{SIGNS}])")
SIGN = re.compile(rf"[{SIGNS}]")
FORMULA = re.compile(rf"{BLANKS}[{SIGNS}]|[\t\r\n]")
# What neither XML nor a database takes, and no one can read.
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def readable(text: str) -> str:
    """Return the text without control characters, each line ended by a line feed."""
    return UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def looks_like_formula(text: str) -> bool:
    return FORMULA.match(text) is not None


def disarmed(text: str) -> str:
    """Return the text with an apostrophe wherever a spreadsheet could begin a formula."""
    # Most texts have none, and this is quick to see.
    armed = BEGINNING.sub(r"\1\2'", text) if SIGN.search(text) else text
    return f"'{armed}" if text[:1] in {"\t", "\r", "\n"} else armed
