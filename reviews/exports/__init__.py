"""Interviews as files: CSV, XLSX, JSON, PDF."""
