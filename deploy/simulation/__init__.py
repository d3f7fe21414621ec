"""A county that behaves like one, with incidents planted in it and the truth written down.

Everything is drawn from a seed: the same seed, start and length give the same county. All of it is
模拟 (simulated) and says so in its names; it never goes into an office's ledgers.
"""
