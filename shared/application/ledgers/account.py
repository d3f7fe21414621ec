"""A problem's title and description in the form's one column 问题描述, and apart again."""

import re

TITLE_MOST = 200
_STOP = re.compile(r"[。；;！!？?，,、\s]")


def account(title: str, description: str) -> str:
    """Both in one text; a description that begins with the title says it all."""
    if not description or description.startswith(title):
        return description or title
    return f"{title}\n{description}"


def apart(text: str) -> tuple[str, str]:
    """(title, description) such that `account` makes `text` of them again."""
    first, _, rest = text.partition("\n")
    if len(first) <= TITLE_MOST and not rest:
        return first, ""
    if len(first) > TITLE_MOST:
        stops = [found.start() for found in _STOP.finditer(first, 10, TITLE_MOST)]
        return first[: stops[-1] if stops else TITLE_MOST].rstrip(), text
    title, rest = first.rstrip(), rest.lstrip()
    return (title, text) if rest.startswith(title) or f"{title}\n{rest}" != text else (title, rest)
