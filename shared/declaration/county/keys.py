"""The keys of the ten lines and of the desk. A pack renames and re-maps them; it adds none."""

LINE_KEYS: tuple[str, ...] = (
    "dust",
    "mobile",
    "coal",
    "burning",
    "hotspot",
    "industry",
    "energy",
    "vocs",
    "livelihood",
    "episode",
)
"""In the order in which they are listed everywhere."""

DESK_KEY = "coordination"
