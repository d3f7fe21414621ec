"""Who wants to hear of what."""

from shared.application.notifying.delivery import Event
from shared.application.notifying.webhook import EVERYTHING, Webhook
from shared.contract.messages import Change
from shared.domain.entry import Kind
from shared.domain.reading import graver


def could_want(webhook: Webhook, change: Change) -> bool:
    """What can be said without the problem: most changes are settled here."""
    wanted = webhook.filters
    return (
        change.kind is Kind.PROBLEM
        and webhook.active
        and change.at >= webhook.since
        and (EVERYTHING in wanted.events or change.rule in wanted.events)
        and (not wanted.lines or change.line in wanted.lines)
    )


def wants(webhook: Webhook, event: Event) -> bool:
    """The rest of it, once the change itself could be wanted."""
    wanted = webhook.filters
    return (
        (not wanted.towns or not set(wanted.towns).isdisjoint(event.towns))
        and (not wanted.units or not set(wanted.units).isdisjoint(event.units))
        and (not wanted.roles or not set(wanted.roles).isdisjoint(event.roles))
        and (wanted.severity is None or _grave_enough(webhook, event))
    )


def _grave_enough(webhook: Webhook, event: Event) -> bool:
    least = webhook.filters.severity
    return (
        least is not None
        and event.severity is not None
        and graver(event.severity, least) is event.severity
    )
