"""Runs the burning service: `python -m services.burning`."""

from services.burning.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
