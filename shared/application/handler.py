"""The one handler of a line: HTTP and topic commands meet here.

It reads the entry and the command's earlier answer, decides, and writes guarded by the revision it
read; when somebody else was faster it looks again. A command that was answered before gets that
answer. An effect that is unknown (the database did not confirm) is looked up, never assumed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.application.changes import applied, refused
from shared.application.family import news_for_parent
from shared.application.files import EvidenceFiles
from shared.application.ports import AnyEntry, Found, Held, Ledger, Outgoing, Unavailable, Write
from shared.application.transfer import RECEIVE, RECEIVE_PART, absorption, handover, received
from shared.contract.messages import Answer, Change, Command, Handover, HandoverPart
from shared.domain.actor import Actor, Role
from shared.domain.context import Context, Directory, LineFacts
from shared.domain.decide import CREATES, check_create, create, decide
from shared.domain.entry import Kind
from shared.domain.evidence import FileFacts
from shared.domain.identity import derived
from shared.domain.moments import SHANGHAI, Clock
from shared.domain.problem import OPEN, Problem, Status
from shared.domain.problem_bodies import Register
from shared.domain.problem_evidence import named_hashes
from shared.domain.problem_register import number_of
from shared.domain.refusal import Refused, invalid, refuse
from shared.domain.verification import Earlier

log = logging.getLogger(__name__)

CLASHES = 50
"""Looks at one entry before giving up: each clash means that somebody else got on."""
BLINKS = (0.05, 0.2, 0.5)
"""Seconds between looks when the database did not confirm; then the caller is told to retry."""
HOPS = 3


def check_unit(actor: Actor, directory: Directory) -> None:
    """Refuses an actor of a unit that the county does not have."""
    if actor.unit is not None and directory.unit_name(actor.unit) is None:
        raise invalid(
            "/actor/unit",
            f"X-Unit 填的“{actor.unit}”不是本县的单位代码,见 GET /v1/departments 和 GET /v1/towns",
        )


class Handler:
    """Handles commands of one line over its ledger."""

    def __init__(
        self,
        line: LineFacts,
        directory: Directory,
        ledger: Ledger,
        clock: Clock,
        files: EvidenceFiles | None = None,
        noticed: Callable[[AnyEntry | None, AnyEntry], None] = lambda before, after: None,
    ) -> None:
        """Without `files` (a rehearsal has none) no evidence is refused for a missing file.
        `noticed` hears of each version (before, after) that this process wrote, for the metrics."""
        self._line = line
        self._directory = directory
        self._ledger = ledger
        self._clock = clock
        self._files = files
        self._noticed = noticed

    async def handle(self, command: Command) -> Answer:
        """The command's one answer. Raises Unavailable or OutboxFull; then nothing is decided."""
        for blink in (*BLINKS, None):
            try:
                return await self._until_settled(command)
            except Unavailable:
                if blink is None:
                    raise
                log.warning("database did not confirm, looking again", extra={"id": command.id})
                await asyncio.sleep(blink)
        raise AssertionError("unreachable")

    async def _until_settled(self, command: Command) -> Answer:
        if command.name == RECEIVE_PART and command.actor.role is Role.SYSTEM:
            return await self._keep_part(command)
        for _ in range(CLASHES):
            found = await self._ledger.find(command.entry, command.id)
            if found.answer is not None:
                return self._again(command, found.answer)
            answer = await self._attempt(command, found)
            if answer is not None:
                return answer
        raise Unavailable(f"entry {command.entry}: {CLASHES} clashes in a row")

    async def handle_seen(self, seen: Sequence[tuple[Command, Held]]) -> Sequence[Answer | None]:
        """Many at one go: commands whose ids say which version of their entry they were made for,
        with what was just read. Had one taken effect before, its guarded write would fail now.

        None where `handle` must decide: it was refused, or somebody else was faster; then it is not
        known which of the others took effect, and `handle` finds the answers of those that did.
        """
        now = self._clock.now()
        writes: list[Write | None] = []
        for command, held in seen:
            try:
                self._check_actor(command)
                writes.append(await self._decided(command, held, now))
            except Refused:
                writes.append(None)
        decided = [write for write in writes if write is not None]
        try:
            done = await self._ledger.write_all(decided)
        except Unavailable:
            done = False
        if not done:
            return [None] * len(seen)
        for write in decided:
            self._noticed(write.held.entry, write.after)
        return [write.outgoing.answer if write is not None else None for write in writes]

    def _again(self, command: Command, answer: Answer) -> Answer:
        if answer.digest == command.digest():
            return answer
        reuse = refuse("key-reused", "该幂等键(Idempotency-Key)已用于内容不同的请求;请换一个新的键")
        return refused(command, reuse.refusal, self._line.key, self._clock.now())

    async def _attempt(self, command: Command, found: Found) -> Answer | None:
        """One look, one decision, one guarded write; None when somebody else was faster."""
        now = self._clock.now()
        try:
            self._check_actor(command)
            if command.name == RECEIVE:
                return await self._receive(command, found, now)
            if command.name == CREATES[command.kind]:
                return await self._create(command, found, now)
            if found.held is None or found.held.entry.kind is not command.kind:
                return await self._missing(command, now)
            return await self._change(command, found.held, now)
        except Refused as no:
            answer = refused(command, no.refusal, self._line.key, now)
            if found.held is None:
                return self._again(command, await self._ledger.file_answer(answer))
            if no.refusal.type == "nothing-due" and command.actor.role is Role.SYSTEM:
                # Time comes again with the same command: what is not due yet is not refused for ever.
                return answer
            forward = self._forward(command, no)
            if no.refusal.type == "moved" and not forward:
                # A signpost, not an answer: the same command is still to be decided over there.
                return answer
            outgoing = Outgoing(answer=answer, change=None, at=now, follow_ups=forward)
            return answer if await self._ledger.refuse(found.held, outgoing) else None

    async def _create(self, command: Command, found: Found, now: datetime) -> Answer | None:
        if found.held is not None:
            raise refuse("already-exists", f"条目 {command.entry} 已存在")
        context = self._context(command, now)
        body = check_create(command.kind, command.body, context)
        if isinstance(body, Register):
            context = replace(context, earlier=await self._earlier(body, now))
        number = ""
        if command.kind is Kind.PROBLEM:
            prefix = self._line.number_prefix
            serial = await self._ledger.next_serial(prefix, now.astimezone(SHANGHAI).year)
            number = number_of(prefix, context, serial)
        decision = create(command.kind, command.entry, number, body, context)
        made = decision.entry
        told = news_for_parent(command, None, made, now) if isinstance(made, Problem) else ()
        outgoing = applied(command, None, decision, told, now)
        done = await self._ledger.create(made, outgoing)  # type: ignore[arg-type]
        return outgoing.answer if done else None

    async def _earlier(self, body: Register, now: datetime) -> tuple[Earlier, ...]:
        if body.category == "other":
            return ()  # which says nothing of what it was
        numbers = self._directory.verification
        since = (body.found_at or now) - numbers.looks_back
        return tuple(
            await self._ledger.earlier(
                body.category, body.location, body.site, numbers.recur_metres, since
            )
        )

    async def _change(self, command: Command, held: Held, now: datetime) -> Answer | None:
        write = await self._decided(command, held, now)
        if not await self._ledger.write(held, write.after, write.outgoing):
            return None
        self._noticed(held.entry, write.after)
        return write.outgoing.answer

    async def _decided(self, command: Command, held: Held, now: datetime) -> Write:
        decision = decide(
            held.entry,
            command.name,
            command.body,
            command.expected_version,
            self._context(command, now, await self._named_files(command)),
        )
        after = decision.entry
        follow_ups: tuple[tuple[str, Command], ...] = ()
        if isinstance(after, Problem) and isinstance(held.entry, Problem):
            follow_ups = await self._consequences(command, held.entry, after, now)
        outgoing = applied(command, held.entry, decision, follow_ups, now)
        return Write(held, after, outgoing)  # type: ignore[arg-type]

    async def _consequences(
        self, command: Command, before: Problem, after: Problem, now: datetime
    ) -> tuple[tuple[str, Command], ...]:
        """The commands that a change of a problem causes elsewhere."""
        told = news_for_parent(command, before, after, now)
        if after.status is Status.MOVED:
            return (handover(command, before, after, now), *told)
        if after.status is Status.MERGED and before.status is not Status.MERGED:
            assert after.merged_into is not None
            target = (await self._ledger.find(after.merged_into, command.id)).held
            if target is None or not isinstance(target.entry, Problem):
                raise refuse(
                    "merge-target", f"本线没有问题“{after.merged_into}”;只能并入本线的问题"
                )
            if target.entry.status not in OPEN:
                raise refuse(
                    "merge-target",
                    f"问题 {target.entry.number} 已办结({target.entry.status}),不能再并入",
                )
            return (absorption(command, after, now), *told)
        return told

    async def _missing(self, command: Command, now: datetime) -> Answer:
        if command.hops:
            # Routed on after a transfer: the handover may still be on its way. Not an answer yet.
            on_its_way = refuse("unavailable", "该问题正在转办途中,请稍后再试")
            return refused(command, on_its_way.refusal, self._line.key, now)
        raise refuse("not-found", f"本线没有“{command.entry}”,请核对编号或所在工作线")

    def _forward(self, command: Command, no: Refused) -> tuple[tuple[str, Command], ...]:
        """An internal command follows a problem that moved on, or was merged into another one of
        this line; people's are routed by the gateway."""
        line = no.refusal.facts.get("moved_to")
        entry = no.refusal.facts.get("merged_into")
        if command.actor.role is not Role.SYSTEM or command.hops >= HOPS or not (line or entry):
            return ()
        hops = command.hops + 1
        on = {"hops": hops, "id": derived(command.id, str(hops)), "entry": entry or command.entry}
        return ((line or self._line.key, command.model_copy(update=on)),)

    async def _receive(self, command: Command, found: Found, now: datetime) -> Answer | None:
        """Go on with a handed-over problem. It cannot be refused; an older one changes nothing."""
        body = Handover.model_validate(command.body)
        stub = Problem.model_validate(body.problem)
        decision = received(stub, self._context(command, now))
        after = decision.entry
        assert isinstance(after, Problem)
        told = news_for_parent(command, None, after, now)
        outgoing = applied(command, stub, decision, told, now)
        if found.held is None or found.held.entry.version < after.version:
            return outgoing.answer if await self._ledger.take_in(after, outgoing) else None
        late = refuse("already-exists", f"问题 {stub.number} 在本线已是更新的版本")
        return refused(command, late.refusal, self._line.key, now)

    async def _keep_part(self, command: Command) -> Answer:
        part = HandoverPart.model_validate(command.body)
        await self._ledger.keep_part(
            [Change.model_validate(raw) for raw in part.changes],
            [Answer.model_validate(raw) for raw in part.answers],
        )
        now = self._clock.now()
        return Answer(
            command=command.id,
            digest=command.digest(),
            outcome="applied",
            line=self._line.key,
            kind=command.kind,
            entry_id=command.entry,
            name=command.name,
            at=now,
        )

    def _check_actor(self, command: Command) -> None:
        check_unit(command.actor, self._directory)
        internal = command.name in (RECEIVE, RECEIVE_PART)
        if internal and command.actor.role is not Role.SYSTEM:
            raise refuse("not-found", f"没有命令“{command.name}”")

    async def _named_files(self, command: Command) -> Mapping[str, FileFacts] | None:
        """What is known of the files that it names; they stay while it is on its way."""
        if self._files is None or command.kind is not Kind.PROBLEM:
            return None
        hashes = named_hashes(command.body)
        return await self._files.look_up(hashes) if hashes else {}

    def _context(
        self, command: Command, now: datetime, files: Mapping[str, FileFacts] | None = None
    ) -> Context:
        return Context(
            actor=command.actor,
            now=now,
            line=self._line,
            directory=self._directory,
            files=files,
        )
