"""Being told: changes to webhooks and group robots."""
