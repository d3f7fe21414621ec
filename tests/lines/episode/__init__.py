"""The episode line."""
