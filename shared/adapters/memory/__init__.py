"""The handler's ports in memory, for fast property tests: same contract, turns at every step."""
