"""How the HTTP API hands a command over, whoever carries it out."""

from typing import Protocol

from shared.contract.messages import Answer, Command


class Commander(Protocol):
    """A line's own handler, or the gateway's way to it through the topics."""

    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        """The command's answer, applied or refused, at most `wait` seconds later.

        `line` is the line that has to decide: always said for a creating command and by a line
        service; None where the caller only knows the entry, so that whoever sends finds its line.
        None comes back when the command is accepted durably and was not answered in time. Raises
        Unavailable when it could not be accepted, OutboxFull, or Refused when there is nobody
        to send it to.
        """
        ...
