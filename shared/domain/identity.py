"""Ids that can be derived again: a retry, a zombie and a replay all arrive at the same one."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("6f1c2f0e-0b0a-5d0e-9f57-3a0d1a7e5100")


def derived(*parts: str) -> str:
    """A UUIDv5 over the parts; the separator cannot occur in a header value or a code."""
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))


def command_id(caller: str, idempotency_key: str) -> str:
    """The id of the command that `caller` means by this key, through whichever replica it comes."""
    return derived("command", caller, idempotency_key)


def entry_id_of(command: str) -> str:
    """The id of the entry that a creating command makes: a second delivery collides with the first."""
    return derived("entry", command)


def follow_up_id(command: str, what: str) -> str:
    """The id of a command that another command causes."""
    return derived("follow-up", command, what)
