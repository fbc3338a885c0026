"""What the service does not take in a command, and what to do instead.

No quoting and no escaping helps: the service takes letters, digits, blank and ``_ . / : -``, and nothing else is
documented.
"""

from __future__ import annotations

from ._koophone import why_not as _why_not

__all__ = ["why_not"]


def why_not(text: str) -> str | None:
    """Returns why the service may refuse a command. Nothing is sent.

    Args:
        text: The command.

    Returns:
        ``None`` if it is taken; otherwise a line for each character that is not, with its places and what would be
        possible instead.

    Raises:
        TypeError: ``text`` is not a text.
        InvalidArgumentError: ``text`` has a surrogate, which is no character.

    >>> from koophone import command
    >>> command.why_not("getprop ro.product.model")
    >>> print(command.why_not("ls /sdcard | wc"))  # doctest: +ELLIPSIS
    '|' at place 12: one program for each command; ...
    """
    return _why_not(text)
