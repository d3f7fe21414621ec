"""Station CSVs into the hotspot line: `python -m services.intake.stations`."""
