"""Private files in a bucket in place of a folder: all that the portal does with them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InvalidStorageError, StorageHandler
from django.http import Http404
from django.test import RequestFactory

from core.audio_files import audio_response, stored_audio
from tests.bucket import Bucket

SOUND = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def bucket():
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def storages(bucket, monkeypatch):
    """Return the storages as the settings make them of the environment."""
    from config import settings

    variables = {
        "RECORDINGS_BUCKET": "calls",
        "RECORDINGS_S3_ENDPOINT": bucket.url,
        "RECORDINGS_S3_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "of nobody",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    bucket.objects.clear()
    bucket.reads.clear()
    folders = ("recordings", "exports")
    return StorageHandler(
        {folder: settings.private_storage(folder) for folder in folders}
    )


def test_files_of_each_kind_have_a_place_of_their_own(storages, bucket):
    take = storages["recordings"].save("takes/1.webm", ContentFile(SOUND))
    export = storages["exports"].save("1.csv", ContentFile(b"a,b"))

    assert (take, export) == ("takes/1.webm", "1.csv")
    assert bucket.objects == {"takes/1.webm": SOUND, "exports/1.csv": b"a,b"}
    assert storages["exports"].listdir("") == ([], ["1.csv"])


def test_file_made_twice_is_one(storages, bucket):
    for content in (b"half", SOUND):
        storages["recordings"].save("takes/1.webm", ContentFile(content))

    assert bucket.objects == {"takes/1.webm": SOUND}


def test_deleted_file_is_gone_and_may_be_deleted_again(storages, bucket):
    storages["exports"].save("1.csv", ContentFile(b"a,b"))

    for _ in range(2):
        storages["exports"].delete("1.csv")

    assert bucket.objects == {}


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [(None, 200, SOUND), ("bytes=300-309", 206, SOUND[300:310])],
    ids=["whole", "stretch"],
)
def test_recording_is_played_from_the_bucket(storages, bucket, wanted, status, content):
    storages["recordings"].save("a.mp3", ContentFile(SOUND))
    headers = {"Range": wanted} if wanted else {}
    request = RequestFactory().get("/", headers=headers)

    audio = stored_audio(storages["recordings"], "a.mp3", "audio/mpeg")
    response = audio_response(request, audio)

    assert response.status_code == status
    assert b"".join(response.streaming_content) == content
    # Nothing else was fetched: a recording is large, and a player asks often.
    assert bucket.reads[-1] == ("a.mp3", wanted or f"bytes=0-{len(SOUND) - 1}")
    assert len(bucket.reads) == 2


def test_recording_that_is_not_there_is_404(storages):
    with pytest.raises(Http404):
        stored_audio(storages["recordings"], "none.mp3", "audio/mpeg")


def test_other_storages_are_none(storages):
    with pytest.raises(InvalidStorageError):
        storages["other"]
