"""Runs the livelihood service: `python -m services.livelihood`."""

from services.livelihood.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
