"""Ledgers as files: xlsx and csv written, xlsx, xls and csv read."""
