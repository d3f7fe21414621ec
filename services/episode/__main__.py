"""Runs the episode service: `python -m services.episode`."""

from services.episode.line import LINE
from shared.runtime.line.run import run_line

if __name__ == "__main__":
    run_line(LINE)
