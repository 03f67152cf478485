"""Secrets that come by files."""

import os

import pytest

from core import environment


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """Give a test variables of its own; what is set in it is gone afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in ("SECRET_KEY", "EMAIL_URL", "ERASURES"):
        os.environ.pop(name, None)
    os.environ["ENV_FILE"] = ""


def test_secret_is_read_from_its_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text("of-the-file\n")
    os.environ |= {"SECRET_KEY_FILE": str(path), "EMAIL_URL_FILE": str(path)}

    environment.load()

    assert (os.environ["SECRET_KEY"], os.environ["EMAIL_URL"]) == ("of-the-file",) * 2


def test_what_is_set_wins_and_no_other_file_is_read(tmp_path):
    path = tmp_path / "secret"
    path.write_text("of-the-file")
    os.environ |= {
        "SECRET_KEY": "set",
        "SECRET_KEY_FILE": str(path),
        "ERASURES_FILE": str(path),
        "EMAIL_URL_FILE": "",
    }

    environment.load()

    assert os.environ["SECRET_KEY"] == "set"
    assert not {"ERASURES", "EMAIL_URL", "ENV"} & os.environ.keys()


def test_file_that_cannot_be_read_stops_the_start(tmp_path):
    os.environ["SECRET_KEY_FILE"] = str(tmp_path / "missing")

    with pytest.raises(SystemExit, match=r"SECRET_KEY_FILE names .*missing"):
        environment.load()
