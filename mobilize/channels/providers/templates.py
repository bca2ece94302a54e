"""Templates that a provider has registered: which one a message takes, and what is filled in."""

from collections.abc import Mapping, Sequence

from mobilize.channels.base import Message, PermanentFailure


def template_of(message: Message, templates: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, str]]:
    """Return a message's template and what is filled in.

    Args:
        message: to be sent.
        templates: as `config.env.templates` reads them.
    Returns:
        The template's id, and the facts it names, in its order; all facts when it names none.
    Raises:
        PermanentFailure: the kind has no template in the message's language, or it lacks a fact.
    """
    found = templates.get(f"{message.kind}:{message.language}") or templates.get(message.kind)
    if not found:
        raise PermanentFailure("no template")
    template, *names = found
    if missing := [name for name in names if name not in message.facts]:
        raise PermanentFailure(f"the template needs {missing[0]}")
    return template, {name: message.facts[name] for name in names or message.facts}
