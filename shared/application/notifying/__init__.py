"""Being told: who wants to hear of which changes, and the messages on their way to them."""
