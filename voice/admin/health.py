"""The page that says whether voice interviews can be held."""


class HealthViews:
    """The part of the voice service's admin that tells how it is."""
