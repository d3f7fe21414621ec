"""The HTTP API that a line and the gateway have in common."""
