"""What the coordinator publishes: the numbered batch, the work ranking, the accountability ladder."""
