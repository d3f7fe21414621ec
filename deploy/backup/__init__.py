"""Backups of the truth in MongoDB, and a line's way back to an earlier point."""
