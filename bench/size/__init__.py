"""What a thousand times as many interviews cost: turns, pages, plans, disk.

`python -m bench.size` makes a thousand, a hundred thousand and a million interviews with
ten answers each, and measures the same things at each size, in turn.
"""

from bench.size.report import table

__all__ = ["table"]
