"""Runs the dust service: `python -m services.dust`."""

from services.dust.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
