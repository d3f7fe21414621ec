"""Lines played in memory, by the same rules, joiner and handler as the services: nothing is stored."""
