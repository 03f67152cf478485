"""Files that people send are what they claim to be, and no larger than they say."""

import io
import struct
import zipfile
import zlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

from core.environment import BASE_DIR
from interviews import people_lists
from interviews.models import Take
from interviews.people_lists import Unreadable, read_file
from tests import sounds
from tests.factories import TakeFactory
from vacancies.companies import is_picture
from vacancies.models import Company

pytestmark = pytest.mark.django_db

ADD = "/admin/vacancies/company/add/"
NOT_DRAWN = "This is no PNG, JPEG or WebP picture, whatever it is called."


def picture(kind="PNG", size=(40, 20)):
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind)
    return content.getvalue()


def bomb(width, height):
    """A PNG of a few bytes that would be gigabytes when it is drawn."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


# Logos


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_that_can_be_drawn_is_taken(kind):
    assert is_picture(picture(kind))


@pytest.mark.parametrize(
    "content",
    [
        picture()[:60],
        b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>",
        b"\xff\xd8\xff" + b"-" * 100,
        bomb(60_000, 60_000),
        picture(size=(5001, 10)),
        picture("GIF"),
        b"RIFF\x00\x00\x00\x00WEBP<svg onload=alert(1)>",
    ],
    ids=["cut off", "script", "jpeg in name", "bomb", "too wide", "gif", "svg in riff"],
)
def test_logo_must_be_a_picture_that_can_be_drawn(hr_client, content):
    response = hr_client.post(
        ADD, {"name": "A", "logo_file": SimpleUploadedFile("logo.png", content)}
    )

    form = response.context["adminform"].form
    assert form.errors == {"logo_file": [NOT_DRAWN]}
    assert not Company.objects.exists()


# Workbooks


def workbook(parts=()):
    content = io.BytesIO()
    book = Workbook()
    book.active.append(["anna@example.com", "Anna"])
    book.save(content)
    with zipfile.ZipFile(content, "a") as archive:
        for name, text in parts:
            archive.writestr(name, text)
    return content.getvalue()


def with_sheet(xml):
    """Return a workbook whose sheet is this XML."""
    made, source = io.BytesIO(), io.BytesIO(workbook())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part, xml if is_sheet else old.read(part))
    return made.getvalue()


SHEET = (
    '<?xml version="1.0"?>{doctype}'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>a@example.com</t></is></c></row></sheetData>'
    "</worksheet>"
)


def test_workbook_as_we_make_it_is_read():
    [row] = read_file(with_sheet(SHEET.format(doctype="", text="Anna")))

    assert (row.name, row.email) == ("Anna", "a@example.com")


def test_workbook_with_an_outer_entity_reads_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("CANARY")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'

    try:
        rows = read_file(with_sheet(SHEET.format(doctype=doctype, text="&e;")))
    except Unreadable:
        rows = []

    assert "CANARY" not in str(rows)


def test_workbook_of_entities_in_entities_is_refused():
    """The "billion laughs": kilobytes that become gigabytes."""
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    doctype = f"<!DOCTYPE x [{''.join(entities)}]>"

    with pytest.raises(Unreadable):
        read_file(with_sheet(SHEET.format(doctype=doctype, text="&a9;")))


def test_workbook_of_too_many_parts_is_refused():
    parts = [(f"xl/media/{n}", "") for n in range(people_lists.MOST_PARTS)]

    with pytest.raises(Unreadable, match="too large"):
        read_file(workbook(parts))


def test_workbook_that_lies_about_its_size_is_not_unpacked_further():
    """Nothing is read beyond the size that was looked at beforehand."""
    content = bytearray(workbook([("xl/media/x", b"\0" * 100_000)]))
    place = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 10)

    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = sum(part.file_size for part in archive.infolist())
        with pytest.raises(zipfile.BadZipFile):
            archive.read("xl/media/x")

    assert size < 100_000


# Where files are kept, and how they are sent


def test_names_of_files_are_the_portals_own():
    """No field of a file takes what somebody called it."""
    take = TakeFactory(parts=[sounds.cut(sounds.webm())])

    fields = {field.name for field in Take._meta.get_fields()}
    assert not fields & {"filename", "original_name", "name"}
    assert "/" not in str(take.pk)
    assert not hasattr(settings, "MEDIA_ROOT") or not settings.MEDIA_ROOT


def test_files_are_kept_apart_from_what_is_served(client):
    from config import settings as production

    kept = production.STORAGES["recordings"]["OPTIONS"]["location"]
    served = [BASE_DIR / "static", production.STATIC_ROOT]

    assert not [folder for folder in served if str(kept).startswith(str(folder))]
    assert (
        production.STORAGES["recordings"]["OPTIONS"]["file_permissions_mode"] == 0o600
    )
    assert client.get("/recordings/takes/..%2f..%2fmanage.py").status_code == 404


def test_recording_is_sent_as_sound(hr_client):
    """Even one that holds a page: the browser is told what it is, and not to guess."""
    take = TakeFactory(parts=[sounds.cut(b"\x1a\x45\xdf\xa3<script>alert(1)</script>")])

    response = hr_client.get(f"/recordings/takes/{take.pk}")

    assert response["Content-Type"] == "audio/webm"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == "inline"
    response.close()
