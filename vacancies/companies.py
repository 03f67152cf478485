"""Who interviews: the employer, as candidates read of it."""

import hashlib
from io import BytesIO

import msgspec
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vacancies.colours import look
from vacancies.models import Company, Vacancy

LARGEST_LOGO_BYTES = 256 * 1024
# In pixels, either way; a small file may hold a very large picture.
WIDEST_LOGO = 5000
PICTURES = ("PNG", "JPEG", "WEBP")


class Employer(msgspec.Struct, frozen=True):
    """What a page shows of an employer; whatever is not known is empty.

    A name that nobody gave is a word in the language of the text around it.
    """

    name: str | Promise
    contact_name: str = ""
    contact_email: str = ""
    logo_url: str = ""
    stylesheet_url: str = ""


def employer(vacancy: Vacancy | None) -> Employer:
    """Return whose the vacancy is: its company, else the portal's own, else the settings'.

    None asks for the portal's own. One query at most, if the vacancy came with its company.
    """
    company = (vacancy.company if vacancy else None) or portal_company()
    return employer_of(company) if company else employer_of_settings()


def portal_company() -> Company | None:
    return Company.objects.defer("logo").filter(is_default=True).first()


def employer_of(company: Company) -> Employer:
    return Employer(
        name=company.name,
        contact_name=company.contact_name,
        contact_email=company.contact_email or settings.CONTACT_EMAIL,
        logo_url=logo_url(company),
        stylesheet_url=stylesheet_url(company),
    )


def employer_of_settings() -> Employer:
    """Return what is known without the database; pages of failures say no more."""
    return Employer(
        name=settings.COMPANY_NAME or _("the hiring team"),
        contact_email=settings.CONTACT_EMAIL,
    )


def logo_url(company: Company) -> str:
    if not company.logo_type:
        return ""
    path = reverse("vacancies:company_logo", args=[company.pk])
    return f"{path}?v={logo_version(company)}"


def stylesheet_url(company: Company) -> str:
    if not company.colour:
        return ""
    path = reverse("vacancies:company_look", args=[company.pk])
    return f"{path}?v={version(look(company.colour))}"


def logo_version(company: Company) -> str:
    """Name the logo's version without reading the logo, which most pages never load."""
    return version(company.updated_at.isoformat())


def version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def image_type(content: bytes) -> str:
    """Return the media type of a picture by its first bytes; empty: none we show."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return ""


def is_picture(content: bytes) -> bool:
    """Tell whether a picture can be drawn, and is not larger than a logo may be.

    Its size is in its first bytes, and looked at before the rest is unpacked.
    """
    # Pages need no pictures drawn: not loaded before somebody uploads one.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=PICTURES) as image:
            if max(image.size) > WIDEST_LOGO:
                return False
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return False
    except Image.DecompressionBombError:
        return False
    return True
