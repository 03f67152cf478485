"""Benchmarks: what the portal costs, measured and never asserted in a test."""
