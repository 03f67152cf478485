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
    agent = {
        "agent_id": "agent_1",
        "signed_url": "",
        "dynamic_variables_json": "{}",
        "user_id": "session-1",
        "language": "en",
        "text_contents_json": "{}",
        "call_url": "/call/",
        "state_url": "/state/",
    }
    page = render_to_string(
        "interviews/_agent.html", {"agent": agent | changes, "csrf_token": "token"}
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


def test_agent_writes_the_agent_id_of_a_public_agent():
    attributes = widget_attributes(signed_url="")

    assert attributes["agent-id"] == "agent_1"
    assert "signed-url" not in attributes


def test_agent_writes_only_the_signed_address_when_there_is_one():
    address = "wss://api.example/v1?agent_id=agent_1&conversation_signature=x"

    attributes = widget_attributes(signed_url=address)

    assert attributes["signed-url"] == address
    assert "agent-id" not in attributes


def test_agent_variables_survive_quotes_and_markup():
    variables = {"candidate_name": 'Anna "<b>" O\'Neil & Мария', "questions": 3}

    attributes = widget_attributes(dynamic_variables_json=json.dumps(variables))

    assert json.loads(attributes["dynamic-variables"]) == variables


def test_agent_leaves_out_attributes_without_a_value():
    attributes = widget_attributes(language="", text_contents_json="")

    optional = {"override-language", "text-contents", "server-location"}
    assert optional & attributes.keys() == set()
    assert "override-config" not in attributes


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
