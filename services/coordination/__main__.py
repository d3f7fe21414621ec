"""Runs the coordination service: `python -m services.coordination`."""

from services.coordination.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
