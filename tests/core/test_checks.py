import re
from collections import Counter
from pathlib import Path

from django.apps import apps
from django.conf import settings


def test_no_two_checks_have_one_id():
    own = [
        Path(app.path)
        for app in apps.get_app_configs()
        if settings.BASE_DIR in Path(app.path).parents
    ]
    sources = [path.read_text() for folder in own for path in folder.glob("*.py")]

    found = Counter(re.findall(r'id="(parley\.\w+)"', "".join(sources)))

    assert found["parley.E001"] == 1
    assert [name for name, number in found.items() if number > 1] == []
