"""Russian is complete, and what is compiled is what is written."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.utils.translation import gettext, ngettext, override
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent.parent
APPS = [
    *("accounts", "candidates", "config", "core"),
    *("interviews", "privacy", "reviews", "vacancies", "voice"),
]
CATALOGUES = sorted((BASE_DIR / "locale").rglob("*.po"))
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(
    r"""\b(?:_|gettext|ngettext)\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
)
# Fills of a text: they must be the same in every language.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def texts_of_python(source):
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in FUNCTIONS
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value


def texts_of_template(source):
    for text in IN_TEMPLATE.findall(templatize(source)):
        yield ast.literal_eval(text).replace("%%", "%")


def all_texts():
    for app in APPS:
        for path in (BASE_DIR / app).rglob("*.py"):
            yield from texts_of_python(path.read_text())
    for path in (BASE_DIR / "templates").rglob("*.html"):
        yield from texts_of_template(path.read_text())


def has_russian(text):
    with override("ru"):
        # A text that stands only in the plural form is found by ngettext alone.
        return gettext(text) != text or ngettext(text, "", 1) != text


def test_every_text_has_its_russian():
    same = {"SHA-256", "Parley", "%(mark)s (%(reviewers)d)"}
    texts = set(all_texts()) - same

    assert len(texts) > 150
    assert sorted(text for text in texts if not has_russian(text)) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-4])
def test_compiled_catalogue_is_the_written_one(path):
    written = {
        (entry.msgctxt, entry.msgid): entry.msgstr or entry.msgstr_plural
        for entry in polib.pofile(str(path)).translated_entries()
    }
    compiled = {
        (entry.msgctxt, entry.msgid): entry.msgstr or entry.msgstr_plural
        for entry in polib.mofile(str(path.with_suffix(".mo")))
    }

    assert compiled == written


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-4])
def test_translations_fill_in_what_the_texts_do(path):
    for entry in polib.pofile(str(path)).translated_entries():
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert not text or set(PLACEHOLDER.findall(text)) == wanted, entry.msgid
