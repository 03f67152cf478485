from faults import signatures


def test_signatures_hold_and_the_controls_do_not():
    figures = list(signatures.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 3
