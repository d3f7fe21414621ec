"""The hotspot line."""
