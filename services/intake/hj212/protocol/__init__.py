"""HJ 212 as pure functions: bytes to packets, packets to values, and the answer to a device."""
