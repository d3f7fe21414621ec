"""Runs the mobile service: `python -m services.mobile`."""

from services.mobile.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
