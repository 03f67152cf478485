"""Days and hours as HR types them: in the time zone of the vacancy, which is named."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from core.times import written, zone_label, zone_of
from vacancies.notice import earliest_opening

TYPED = "%Y-%m-%dT%H:%M"
FARTHEST = timedelta(days=730)


class MomentField(forms.DateTimeField):
    """A day and an hour as the browser's own field gives them, without a zone yet."""

    def __init__(self, **kwargs):
        widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
        widget.input_type = "datetime-local"
        super().__init__(
            widget=widget,
            input_formats=[TYPED, f"{TYPED}:%S"],
            required=False,
            **kwargs,
        )

    def to_python(self, value):
        # A zone without gaps: whose hour it is, the form says.
        with timezone.override(UTC):
            moment = super().to_python(value)
        return moment and moment.replace(tzinfo=None)

    def prepare_value(self, value):
        return value.strftime(TYPED) if hasattr(value, "strftime") else value


class PeriodForm(forms.Form):
    """From when until when the links work."""

    expires_at = MomentField(label=_("Deadline"))
    opens_at = MomentField(label=_("Opens"), help_text=_("Empty: at once."))

    def clean_notice(self, cleaned, vacancy):
        """Refuse what would end, or begin, before the vacancy's notice is over."""
        earliest = earliest_opening(vacancy, timezone.now())
        if earliest is None:
            return
        opens, until = cleaned.get("opens_at"), cleaned.get("expires_at")
        if opens and opens < earliest:
            self.add_error("opens_at", notice_words(vacancy, earliest))
        if until and until <= earliest:
            self.add_error("expires_at", notice_words(vacancy, earliest))

    def clean_period(self, cleaned, zone: ZoneInfo):
        """Read both as hours of the zone; a deadline is to come, and after the opening."""
        until = self.in_zone(cleaned, "expires_at", zone)
        opens = self.in_zone(cleaned, "opens_at", zone)
        if until and opens and opens >= until:
            self.add_error(
                "opens_at", _("The interview must open before its deadline.")
            )
        cleaned["expires_at"], cleaned["opens_at"] = until, opens

    def in_zone(self, cleaned, name, zone):
        typed = cleaned.get(name)
        if not typed:
            return None
        now = timezone.now().astimezone(zone).replace(tzinfo=None)
        if typed > now + FARTHEST:
            self.add_error(name, _("This is more than two years from now."))
            return None
        if typed <= now and name == "expires_at":
            self.add_error(name, _("This moment is over: choose one to come."))
            return None
        return typed.replace(tzinfo=zone)


def notice_words(vacancy, earliest):
    """Say that a moment is too early for the notice that the vacancy gives."""
    return ngettext(
        "This vacancy gives %(days)d working day’s notice: choose a moment after "
        "%(earliest)s.",
        "This vacancy gives %(days)d working days’ notice: choose a moment after "
        "%(earliest)s.",
        vacancy.notice_days,
    ) % {
        "days": vacancy.notice_days,
        "earliest": written(earliest, zone_of(vacancy.time_zone)),
    }


def typed_in(moment, zone):
    """Return a moment as it would be typed by whoever lives in the zone."""
    return moment.astimezone(zone).replace(tzinfo=None)


def zone_words(vacancy=None):
    """Name the time zone in which the hours are meant."""
    zone = zone_of(vacancy.time_zone if vacancy else "")
    return zone_label(zone, timezone.now())
