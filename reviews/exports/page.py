"""A sheet of paper for reports: its type, its headings, its facts, its bars."""

from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from PIL import Image, UnidentifiedImageError

from reviews.exports.fonts import BOLD, REGULAR, UNKNOWN, drawable, font_file

INK, MUTED, LINE = (26, 32, 44), (90, 100, 115), (214, 219, 226)
ACCENT = (29, 92, 138)
MARGIN, LOGO_HEIGHT, LABEL_WIDTH = 18, 12, 48
# Pictures of more pixels are no logos.
LARGEST_LOGO = 25_000_000


class Page(FPDF):
    """A4, in the typeface of the portal; every text may hold any sign."""

    def __init__(self, *, footer: str, language: str) -> None:
        super().__init__(format="A4")
        self.foot = footer
        self.misses_signs = False
        self.add_font("Inter", "", font_file(REGULAR))
        self.add_font("Inter", "B", font_file(BOLD))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 4)
        self.set_lang(language)
        self.set_creator("Parley")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.style(8, MUTED)
        number = gettext("Page %(page)s of %(pages)s")
        pages = number % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(0, 5, self.clean(self.foot))
        self.set_x(MARGIN)
        self.cell(0, 5, pages, align="R")

    def clean(self, text: str) -> str:
        cleaned = drawable(text)
        self.misses_signs |= cleaned.count(UNKNOWN) > text.count(UNKNOWN)
        return cleaned

    def style(
        self, size: float, colour: tuple[int, int, int] = INK, *, bold: bool = False
    ) -> None:
        self.set_font("Inter", "B" if bold else "", size)
        self.set_text_color(*colour)

    def text_block(
        self,
        text: str,
        size: float = 10,
        colour: tuple[int, int, int] = INK,
        *,
        bold: bool = False,
        indent: float = 0,
        after: float = 1,
    ) -> None:
        """Write a text over the width that is left, over pages if need be."""
        self.style(size, colour, bold=bold)
        left = self.l_margin + indent
        self.set_x(left)
        # Where a page ends the text goes on under itself.
        self.multi_cell(
            self.epw - indent,
            size * 0.52,
            self.clean(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        self.ln(after)

    def heading(self, text: str) -> None:
        self.keep_together(30)
        self.ln(4)
        self.text_block(text, 13, ACCENT, bold=True, after=0)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.y + 1, self.w - self.r_margin, self.y + 1)
        self.ln(4)

    def keep_together(self, height: float) -> None:
        """Begin a page if there is no more room than this, in mm."""
        if self.will_page_break(height):
            self.add_page()

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and what they stand for, side by side; empty ones are left out."""
        for label, value in rows:
            if value:
                self.keep_together(10)
                self.style(9, MUTED)
                self.set_x(self.l_margin)
                top = self.y
                page = self.page
                self.multi_cell(LABEL_WIDTH - 3, 5, self.clean(label), align="L")
                below = self.y
                self.set_y(top)
                self.text_block(value, 10, indent=LABEL_WIDTH, after=0.8)
                if self.page == page:
                    self.set_y(max(self.y, below))

    def bars(self, rows: Sequence[tuple[str, float]], most: float) -> None:
        """Draw a bar for each value from 0 to `most`, its number beside it."""
        left, height = self.l_margin + LABEL_WIDTH + 30, 4.0
        full = self.w - self.r_margin - left - 12
        for label, value in rows:
            self.keep_together(8)
            self.style(9)
            self.cell(LABEL_WIDTH + 28, 6, self.shortened(label, LABEL_WIDTH + 26))
            self.set_fill_color(*LINE)
            self.rect(left, self.y + 1, full, height, style="F")
            self.set_fill_color(*ACCENT)
            self.rect(left, self.y + 1, full * value / most, height, style="F")
            self.set_x(left + full + 2)
            self.style(9, bold=True)
            self.cell(10, 6, f"{value:.1f}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def shortened(self, text: str, width: float) -> str:
        """Return as much of a text as goes into one line of this width, in mm."""
        # Measuring takes its time, and no line of ours holds more.
        line = " ".join(self.clean(text[:200]).split())
        if self.get_string_width(line) <= width:
            return line
        while line and self.get_string_width(f"{line}…") > width:
            line = line[:-1]
        return f"{line.rstrip()}…"

    def logo(self, picture: bytes) -> None:
        """Put a logo into the upper right corner; what is no picture is left out."""
        try:
            with Image.open(BytesIO(picture)) as image:
                width, height = image.size
                if width * height > LARGEST_LOGO:
                    return
                image.load()
                shown = image.convert("RGBA")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
            return
        across = min(LOGO_HEIGHT * width / height, 50)
        self.image(shown, x=self.w - self.r_margin - across, y=self.t_margin, w=across)
