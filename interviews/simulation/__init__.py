"""Many simulated interviews at once: proof that none loses, skips or sees anything.

`people` makes and removes the candidates with their vacancies, `agents` holds the
interviews over HTTP as voice agents do, `figures` counts what happened.
"""
