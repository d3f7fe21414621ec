"""Runs the industry service: `python -m services.industry`."""

from services.industry.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
