"""Second thoughts: a line's rules over its stored signals under other limits, problem by problem."""
