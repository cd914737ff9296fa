"""Outcomes and diagnostics as text and data."""
