"""Runs the vocs service: `python -m services.vocs`."""

from services.vocs.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
