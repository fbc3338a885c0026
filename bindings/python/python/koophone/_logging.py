"""The logger ``koophone``, for the native module."""

from __future__ import annotations

import logging

_logger = logging.getLogger("koophone")


def level() -> int:
    """The level from which records are wanted; above all levels where nothing handles them."""
    return _logger.getEffectiveLevel() if _logger.hasHandlers() else 1 << 30


def emit(level: int, seconds: float, text: str) -> None:
    """Passes on a record of so many seconds after the beginning of 1970."""
    if _logger.isEnabledFor(level):
        record = _logger.makeRecord(_logger.name, level, "(koophone)", 0, text, (), None)
        # When it happened, not when this thread took it.
        record.created, record.msecs = seconds, int(seconds % 1 * 1000)
        _logger.handle(record)
