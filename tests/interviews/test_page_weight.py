"""What a candidate's page asks of a slow line: no waterfall, nothing twice, nothing stored."""

import gzip
import re
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.urls import reverse

from core.environment import BASE_DIR
from interviews.tokens import cookie_name, mint_token
from interviews.views.common import compressed
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db
JAVASCRIPT = BASE_DIR / "static" / "js"
PRIVATE = {"max-age=0", "no-cache", "no-store", "must-revalidate", "private"}


@pytest.fixture
def opened(client, settings):
    """Return a function that opens a page of a candidate, by its name."""

    def get(name, **headers):
        session = SessionFactory(started=name != "invited")
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        settings.ELEVENLABS_API_KEY = "key" if name == "agent" else ""
        is_check = name == "check"
        url = (
            reverse("interviews:check", args=[session.pk])
            if is_check
            else session.get_absolute_url()
        )
        return client.get(url, headers=headers)

    return get


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def of(self, tag, **wanted):
        return [
            attributes
            for name, attributes in self.found
            if name == tag and attributes.items() >= wanted.items()
        ]


def imports_of(name):
    """Return the modules that a module imports, and that these import."""
    found = re.findall(r'from "\./(\w+)\.js"', (JAVASCRIPT / f"{name}.js").read_text())
    return set(found).union(*map(imports_of, found))


def names(links):
    return [re.search(r"(\w+)\.js$", link["href"])[1] for link in links]


@pytest.mark.parametrize("name", ["check", "question", "agent"])
def test_modules_come_at_once_and_not_one_after_another(opened, name):
    tags = Tags(opened(name).content.decode())

    scripts = names({"href": tag["src"]} for tag in tags.of("script", type="module"))
    preloaded = names(tags.of("link", rel="modulepreload"))
    assert scripts == ["times", name]
    assert sorted(preloaded) == sorted(imports_of(name) - {"times"})


@pytest.mark.parametrize(
    ("name", "following"), [("invited", "check"), ("check", "question")]
)
def test_page_fetches_what_the_next_one_needs(opened, name, following):
    links = Tags(opened(name).content.decode()).of("link", rel="prefetch")

    assert sorted(names(links)) == sorted(
        {following} | imports_of(following) - {"times"}
    )


@pytest.mark.parametrize("name", ["invited", "check", "question", "agent"])
def test_nothing_stands_before_the_first_paint_but_one_style_sheet(opened, name):
    tags = Tags(opened(name).content.decode())

    assert [each["href"] for each in tags.of("link", rel="stylesheet")] == [
        "/static/css/base.css"
    ]
    assert tags.of("script") == tags.of("script", type="module")
    assert "@font-face" not in (BASE_DIR / "static" / "css" / "base.css").read_text()


@pytest.mark.parametrize("name", ["invited", "check", "question", "agent"])
def test_page_is_compressed_and_kept_nowhere(opened, name):
    response = opened(name, **{"accept-encoding": "gzip, br"})

    assert response["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(response.content)
    assert "Accept-Encoding" in response["Vary"]
    assert set(response["Cache-Control"].split(", ")) == PRIVATE


def test_compressed_page_does_not_tell_its_length(rf):
    """Else somebody who sees the line could try out what is in it (BREACH)."""
    request = rf.get("/", headers={"accept-encoding": "gzip"})
    text = "the same words " * 100

    pages = [compressed(request, HttpResponse(text)) for _ in range(30)]

    assert len({len(page.content) for page in pages}) > 5
