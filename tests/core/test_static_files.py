"""Static files as production serves them: collected, hashed, compressed, kept for good."""

import gzip
import re
import shutil

import brotli
import pytest
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client

from core.environment import BASE_DIR

MODULE = "js/question.js"
IMPORT = re.compile(r'from "\./(\w+)\.[0-9a-f]{12}\.js"')


@pytest.fixture
def collected(settings, tmp_path):
    """Collect the candidate's files, and return the folder that a release would serve."""
    for name in ("css", "js"):
        shutil.copytree(BASE_DIR / "static" / name, tmp_path / "source" / name)
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    storage = {"BACKEND": "core.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}
    call_command("collectstatic", verbosity=0, interactive=False)
    return settings.STATIC_ROOT


@pytest.mark.parametrize(
    ("accepted", "encoding", "decoded"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
def test_file_is_served_compressed_and_kept_for_good(
    collected, accepted, encoding, decoded
):
    url = static("css/base.css")

    response = Client().get(url, headers={"accept-encoding": accepted})

    headers = response.headers
    body = b"".join(response.streaming_content)
    assert re.fullmatch(r"/static/css/base\.[0-9a-f]{12}\.css", url)
    assert decoded(body) == (BASE_DIR / "static" / "css" / "base.css").read_bytes()
    assert headers.get("Content-Encoding") == encoding
    assert headers["Content-Length"] == str(len(body))
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert headers["Vary"] == "Accept-Encoding"


def test_every_text_has_both_variants_and_no_copy_without_a_hash(collected):
    files = {path.name for path in collected.rglob("*") if path.is_file()}

    texts = {name for name in files if name.endswith((".css", ".js"))}
    variants = {f"{name}.{kind}" for name in texts for kind in ("br", "gz")}
    assert all(re.search(r"\.[0-9a-f]{12}\.", name) for name in texts)
    assert files - texts - {"staticfiles.json"} == variants


def test_modules_import_each_other_by_hashed_names(collected):
    source = (BASE_DIR / "static" / MODULE).read_text()

    hashed = collected / static(MODULE).removeprefix("/static/")

    imported = re.findall(r'from "\./(\w+)\.js"', source)
    assert imported
    assert IMPORT.findall(hashed.read_text()) == imported
