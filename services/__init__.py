"""One folder a work line, the coordinator's desk, and the gateway over them."""
