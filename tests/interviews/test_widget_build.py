"""The call widget: what is pinned, what make widget wrote, what the page asks of it."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

BASE = Path(settings.BASE_DIR)
VENDOR = BASE / "static" / "vendor"


class Elements(HTMLParser):
    """Collect (tag, attributes) of a page, with the attribute values unescaped."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def render_elements(**changes):
    element = {
        "user_id": "session-1",
        "language": "en",
        "text_contents_json": "{}",
        "config_json": "{}",
        "dark_json": "{}",
        "start_label": "Start",
        "start_url": "/start/",
        "call_url": "/call/",
        "state_url": "/state/",
    }
    page = render_to_string(
        "interviews/_agent.html", {"agent": element | changes, "csrf_token": "token"}
    )
    parser = Elements()
    parser.feed(page)
    return parser.found


def widget_attributes(**changes):
    return dict(render_elements(**changes))["elevenlabs-convai"]


def test_lock_pins_the_widget_and_names_no_registry():
    lock = json.loads((BASE / "package-lock.json").read_text())

    packages = lock["packages"]
    assert (
        packages["node_modules/@elevenlabs/convai-widget-core"]["version"] == "0.14.8"
    )
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_element_waits_for_the_address_and_the_variables_of_a_call():
    attributes = widget_attributes()

    assert attributes.keys() & {"agent-id", "signed-url", "dynamic-variables"} == set()
    assert attributes["override-config"] == "{}"


def test_labels_survive_quotes_and_markup():
    labels = {"start_call": 'Call "<b>" O\'Neil & Мария'}

    attributes = widget_attributes(text_contents_json=json.dumps(labels))

    assert json.loads(attributes["text-contents"]) == labels


def test_agent_has_no_inline_script_or_style():
    elements = render_elements()

    scripts = [attributes for tag, attributes in elements if tag == "script"]
    assert all("src" in attributes for attributes in scripts)
    assert [tag for tag, attributes in elements if tag == "style"] == []
    assert [tag for tag, attributes in elements if "style" in attributes] == []


@pytest.mark.usefixtures("_widget")
def test_build_wrote_every_file_the_page_names():
    attributes = widget_attributes()

    paths = [value for value in attributes.values() if value and "/vendor/" in value]
    names = {Path(path).name for path in paths} | {"convai-widget.js"}
    assert names == {path.name for path in VENDOR.glob("*.js")}


@pytest.mark.usefixtures("_widget")
def test_build_names_no_source_map_and_no_foreign_style_sheet():
    texts = [path.read_text() for path in VENDOR.glob("*.js")]

    assert [text for text in texts if "sourceMappingURL" in text] == []
    assert [text for text in texts if "@import" in text] == []
