"""Runs the coal service: `python -m services.coal`."""

from services.coal.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
