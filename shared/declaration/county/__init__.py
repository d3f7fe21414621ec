"""A county pack: what differs between counties, as data. Pure models, lookups and rules."""

from shared.declaration.county.county import County

__all__ = ["County"]
