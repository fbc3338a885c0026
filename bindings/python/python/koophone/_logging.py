"""Records of the core, handed to the logger ``koophone`` by a thread that runs Python anyway."""

from __future__ import annotations

import logging

_logger = logging.getLogger("koophone")


def emit(level: int, seconds: float, text: str) -> None:
    """Hands over a record that was made so many seconds after the beginning of 1970."""
    if _logger.isEnabledFor(level):
        record = _logger.makeRecord(_logger.name, level, "(koophone)", 0, text, (), None)
        # When it happened, not when this thread came round to it.
        record.created, record.msecs = seconds, int(seconds % 1 * 1000)
        _logger.handle(record)
