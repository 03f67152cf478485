"""Turns of an interview, Parley's beside what else could serve them."""
