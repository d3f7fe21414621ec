"""Runs the hotspot service: `python -m services.hotspot`."""

from services.hotspot.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
