"""Eight phones with the game on them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from game import GAME, PACKAGE

from koophone import Client, EmulatorOptions, Phones


@pytest.fixture
def koophone_emulator_options(koophone_emulator_options: EmulatorOptions) -> EmulatorOptions:
    """The emulated phones find the game where a real harness would have put it."""
    return {**koophone_emulator_options, "files": {PACKAGE: "a package"}}


@pytest.fixture
def phones(koophone_client: Client, koophone_phones: list[str]) -> Iterator[Phones]:
    """With `check=True` a verb that fails on any phone fails the test."""
    phones = koophone_client.phones(koophone_phones)
    phones.wait_for_boot(timeout=120, check=True)
    phones.install_remote(PACKAGE, check=True)
    phones.app_start(GAME, ".MainActivity", check=True)
    phones.app_wait(GAME, timeout=60, check=True)
    yield phones
    phones.app_stop(GAME, check=True)
