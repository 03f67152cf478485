"""The form of a company in the admin."""

from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminImageFieldWidget, UnfoldAdminTextInputWidget

from vacancies.companies import (
    LARGEST_LOGO_BYTES,
    image_type,
    is_picture,
    logo_url,
)
from vacancies.models import Company


class CompanyForm(forms.ModelForm):
    """A company; its logo is uploaded as a file and stored with the company."""

    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=UnfoldAdminImageFieldWidget({"accept": "image/*"}),
        help_text=_(
            "PNG, JPEG or WebP, at most 256 KB. Shown at the top of each page."
        ),
    )

    class Meta:
        model = Company
        fields = ["name", "colour", "contact_name", "contact_email", "is_default"]
        widgets = {
            "colour": UnfoldAdminTextInputWidget(
                {"placeholder": "#1d5c8a", "data-colour": _("Choose a colour")}
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if url := logo_url(self.instance):
            self.initial["logo_file"] = SimpleNamespace(url=url)

    def clean_logo_file(self) -> UploadedFile | SimpleNamespace | bool | None:
        """Refuse what is no picture, whatever its name and its sender say it is."""
        upload = self.cleaned_data["logo_file"]
        if not isinstance(upload, UploadedFile):
            return upload
        if (upload.size or 0) > LARGEST_LOGO_BYTES:
            raise forms.ValidationError(
                _("This file is too large: at most 256 KB, please.")
            )
        content = upload.read()
        if not image_type(content) or not is_picture(content):
            raise forms.ValidationError(
                _("This is no PNG, JPEG or WebP picture, whatever it is called.")
            )
        upload.seek(0)
        return upload

    def save(self, commit: bool = True) -> Company:
        upload = self.cleaned_data["logo_file"]
        if "logo_file" in self.changed_data:
            self.instance.logo = upload.read() if upload else b""
            self.instance.logo_type = image_type(self.instance.logo)
        return super().save(commit=commit)
