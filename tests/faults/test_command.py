from importlib.util import find_spec

import pytest

from faults.__main__ import EXPERIMENTS, main


@pytest.mark.parametrize("module", EXPERIMENTS.values())
def test_each_experiment_is_there(module):
    assert find_spec(f"faults.{module}")


def test_unknown_experiment_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["E1", "E99"])

    assert "no such experiment: E99" in capsys.readouterr().err
