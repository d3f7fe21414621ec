"""The livelihood line's rules: fume and purifiers, smells at boundaries, complaints, farming."""

from typing import Any

from services.livelihood import complaints
from services.livelihood.signals import Fume, Odour
from services.livelihood.usage import ammonia_rule, usage_rule
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.lasting import IDLE, WELL, Lasting
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule

FUME, FARMS = "19.1", "20.1"
"""Clauses: fume and smells; ammonia of farms."""


def _fume_limit(data: Fume) -> str:
    """The province's, which is the stricter, where the kitchen's size is known."""
    return f"livelihood.fume.{data.size or 'national'}"


def _purifier_sign(_: str, data: Fume, __: Facts) -> str | None:
    if not data.good or data.fan_on is None:
        return None
    if not data.fan_on:
        return IDLE
    if data.purifier_on is None:
        return None
    return WELL if data.purifier_on else "unpurified"


def _farm(data: Odour) -> bool:
    return data.kind == "farm"


def _boundary(
    what: str, limit: str, zh: str, *, farm: bool = False, code: str | None = None
) -> Rule[Any]:
    return Exceedance(
        code=code or f"livelihood.boundary-{what}",
        zh=zh,
        en=f"{what.upper()} at the boundary over the limit",
        signal="livelihood.odour",
        value=what,
        quantity=what,
        limit=f"livelihood.odour.{limit}",
        category="farm_ammonia" if farm else "odour",
        clause=FARMS if farm else FUME,
        department="livestock" if farm else "ecology",
        applies=_farm if farm else lambda data: what != "nh3" or not _farm(data),
        site=lambda data: data.site,
    ).rule()


RULES: tuple[Rule[Any], ...] = (
    Exceedance(
        code="livelihood.fume",
        zh="油烟超标",
        en="Fume over the limit",
        signal="livelihood.fume",
        value="fume",
        quantity="fume",
        limit=_fume_limit,
        category="cooking_fume",
        clause=FUME,
        department="enforcement",
        # With the fan off nobody cooks: what is measured then proves nothing.
        applies=lambda data: data.fan_on is not False,
        site=lambda data: data.site,
    ).rule(),
    Lasting(
        code="livelihood.purifier-off",
        zh="油烟净化器未开启",
        en="Fan on, purifier off",
        signal="livelihood.fume",
        sign=_purifier_sign,
        limit="livelihood.fume.purifier-off",
        category="cooking_fume",
        clause=FUME,
        department="enforcement",
        site=lambda data: data.site,
        said=lambda _: "风机开启而净化器关闭,",
    ).rule(),
    _boundary("odour", "boundary", "厂界臭气浓度超标"),
    _boundary("nh3", "nh3", "厂界氨超标"),
    _boundary("h2s", "h2s", "厂界硫化氢超标"),
    _boundary("nh3", "nh3", "养殖场场界氨超标", farm=True, code="livelihood.farm-nh3"),
    complaints.rule(),
    usage_rule("fertiliser"),
    usage_rule("pesticide"),
    ammonia_rule(),
    Silence(
        code="livelihood.silent",
        signals=frozenset({"livelihood.fume", "livelihood.odour"}),
        category="monitor_fault",
        clause=FUME,
    ).rule(),
)
