"""Eight phones with the game's package on them, and the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet import PACKAGE, Fleet, Report

from koophone import Client, EmulatorOptions

REPORT = pytest.StashKey[Report]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--phone-report", type=Path, metavar="FILE", help="write what each phone did, as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


def pytest_unconfigure(config: pytest.Config) -> None:
    path: Path | None = config.getoption("--phone-report")
    if path is not None:
        path.write_text(config.stash[REPORT].markdown(), encoding="utf-8")


@pytest.fixture
def koophone_emulator_options(koophone_emulator_options: EmulatorOptions) -> EmulatorOptions:
    """The emulated phones find the game where a real harness would have put it."""
    return {**koophone_emulator_options, "files": {PACKAGE: "a package"}}


@pytest.fixture
def fleet(
    koophone_client: Client, koophone_phones: list[str], request: pytest.FixtureRequest
) -> Iterator[Fleet]:
    """Phones that have booted and have the game."""
    fleet = Fleet(koophone_client, koophone_phones, request.config.stash[REPORT], request.node.name)
    fleet.wait_until_booted()
    fleet.install()
    yield fleet
    koophone_client.run_command(koophone_phones, "am force-stop com.example.game", repeatable=True)
