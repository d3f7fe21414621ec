"""The nation's calendar, from a kept library."""
