"""Runs the energy service: `python -m services.energy`."""

from services.energy.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
