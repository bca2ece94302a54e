"""Templates that a provider has registered: which one a message takes, and what is filled in."""

from collections.abc import Mapping, Sequence

from mobilize.channels.base import Message, PermanentFailure


def template_of(message: Message, templates: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, str]]:
    """Return a message's template and what is filled in.

    A text that is not the kind's usual one has a template of its own or none: under the usual one the person would
    read what is not so.

    Args:
        message: to be sent.
        templates: as `config.env.templates` reads them.
    Returns:
        The template's id, and the facts it names, in its order; all facts when it names none.
    Raises:
        PermanentFailure: the text has no template in the message's language, or it lacks a fact.
    """
    name = f"{message.kind}.{message.variant}" if message.variant else message.kind
    found = templates.get(f"{name}:{message.language}") or templates.get(name)
    if not found:
        raise PermanentFailure(f"no template for {name}")
    template, *names = found
    if missing := [name for name in names if name not in message.facts]:
        raise PermanentFailure(f"the template needs {missing[0]}")
    return template, {name: message.facts[name] for name in names or message.facts}
