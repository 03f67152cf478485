"""Experiments that break Parley on purpose, and count what was lost.

Each has a target, and a control: the same with a guarantee taken away, which must fail,
or else the experiment shows nothing. docs/reliability.md has the figures.
"""
