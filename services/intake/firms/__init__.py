"""FIRMS fire points (VIIRS, MODIS) into the burning line: `python -m services.intake.firms`."""
