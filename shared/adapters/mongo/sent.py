"""The commands that were sent to lines and what became of them: `/v1/commands/{id}`.

A command is known from its line's topic, so one that was sent is pending wherever it is asked
for: on another replica, after a crash, after a rebuild. The first answer stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.mongo.bulk import upsert_all
from shared.adapters.mongo.client import Collection
from shared.adapters.mongo.trouble import reaches
from shared.contract.messages import Answer, Command


@dataclass(frozen=True)
class Sent:
    """A command; `command` is None where only its answer has been seen so far."""

    id: str
    digest: str
    line: str
    at: datetime
    command: Command | None
    answer: Answer | None


class SentCommands:
    """One generation's commands. All methods raise Unavailable."""

    def __init__(self, collection: Collection) -> None:
        self._commands = collection

    @reaches
    async def note(self, commands: Sequence[tuple[str, Command]]) -> None:
        """(line, command): known from now on; what is known of it already stays."""
        await upsert_all(
            self._commands,
            [
                (
                    {"_id": command.id, "command": None},
                    {
                        "$set": {"command": command.model_dump(mode="json")},
                        "$setOnInsert": {
                            "digest": command.digest(),
                            "line": line,
                            "at": command.issued_at,
                            "answer": None,
                        },
                    },
                )
                for line, command in commands
            ],
        )

    @reaches
    async def answered(self, answers: Sequence[Answer]) -> None:
        """File answers; an answer to another body under the same id changes nothing."""
        await upsert_all(
            self._commands,
            [
                (
                    {"_id": answer.command, "answer": None, "digest": answer.digest},
                    {
                        "$set": {
                            "answer": answer.model_dump(mode="json"),
                            "line": answer.line,
                            "at": answer.at,
                        },
                        "$setOnInsert": {"command": None},
                    },
                )
                for answer in answers
            ],
        )

    @reaches
    async def find(self, command_ids: Sequence[str]) -> dict[str, Sent]:
        cursor = self._commands.find({"_id": {"$in": list(command_ids)}})
        return {
            doc["_id"]: Sent(
                id=doc["_id"],
                digest=doc["digest"],
                line=doc["line"],
                at=doc["at"],
                command=Command.model_validate(doc["command"]) if doc["command"] else None,
                answer=Answer.model_validate(doc["answer"]) if doc["answer"] else None,
            )
            async for doc in cursor
        }
