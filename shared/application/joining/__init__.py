"""Findings become problems: one problem for what is one thing, however often it is seen."""
