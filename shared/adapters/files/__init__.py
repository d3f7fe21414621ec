"""What a file is and what it says of itself, told from its content alone."""
