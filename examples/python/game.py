"""The game, and when its phones are ready."""

from __future__ import annotations

import time

from koophone import Phones

GAME = "com.example.game"
PACKAGE = f"/data/local/tmp/{GAME}.apk"


def wait_until_booted(phones: Phones, timeout: float = 120) -> None:
    deadline = time.monotonic() + timeout
    while any(phone.value != "1" for phone in phones.getprop("sys.boot_completed")):
        assert time.monotonic() < deadline, f"not all phones had booted after {timeout} s"
        time.sleep(0.2)
