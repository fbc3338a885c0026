"""The logger ``koophone``, for the native module."""

import logging

_logger = logging.getLogger("koophone")


def level() -> int:
    """The lowest level that is logged; above all levels if nothing handles records."""
    return _logger.getEffectiveLevel() if _logger.hasHandlers() else 1 << 30


def emit(level: int, seconds: float, text: str) -> None:
    """Logs a record that was made so many seconds after the beginning of 1970."""
    if _logger.isEnabledFor(level):
        record = _logger.makeRecord(_logger.name, level, "(koophone)", 0, text, (), None)
        # When it happened, not when this thread took it.
        record.created, record.msecs = seconds, int(seconds % 1 * 1000)
        _logger.handle(record)
