"""Small programs that bring what others measured into the signal topics."""
