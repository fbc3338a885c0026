"""Fixtures for pytest: phones to test on, emulated or real.

- ``koophone_emulator``: an `Emulator` of the test's own;
- ``koophone_client``: a `Client`, of that emulator, or with ``--koophone-real`` of the service;
- ``koophone_async_client``: the same as an `AsyncClient`, for whatever plugin runs asyncio tests;
- ``koophone_phones``: the ids to use it on;
- ``koophone_emulator_options``: what `Emulator` is told; override it in a ``conftest.py``.

With ``--koophone-real`` settings and credentials come from the environment (``KOOPHONE_*``), and the ids from
``--koophone-phones`` or the ini option ``koophone_phones``. The client then lives as long as the session, and the workers
of pytest-xdist share one log-in through a token cache in pytest's own temporary folder.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing import Any

    from . import AsyncClient, Client, Emulator


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koophone", "KooPhone cloud phones")
    group.addoption(
        "--koophone-real", action="store_true", help="use the service and the environment's credentials, not the emulator"
    )
    group.addoption("--koophone-phones", metavar="IDS", help="ids of the phones, with commas between (default: ini option)")
    parser.addini("koophone_phones", "ids of the real phones to test on", type="args", default=[])
    parser.addini("koophone_emulated_phones", "how many phones an emulator has", default="3")


@pytest.fixture
def koophone_emulator_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Options of this test's emulator."""
    return {"phones": int(request.config.getini("koophone_emulated_phones"))}


@pytest.fixture
def koophone_emulator(
    request: pytest.FixtureRequest, koophone_emulator_options: dict[str, Any]
) -> Iterator[Emulator]:
    """A local KooPhone of this test's own: add faults, read the journal. With ``--koophone-real`` tests that ask for it
    are skipped: what they want cannot be had of the service."""
    from . import Emulator

    if request.config.getoption("--koophone-real"):
        pytest.skip("needs the emulator, and --koophone-real is given")

    with Emulator(**koophone_emulator_options) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _koophone_real_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import os

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Every worker has a folder of its own below the one that they share.
        folder = folder.parent
    # A cache named by the environment is kept: it may already hold a token.
    return {} if "KOOPHONE_TOKEN_CACHE" in os.environ else {"token_cache": folder / "koophone-tokens"}


@pytest.fixture(scope="session")
def _koophone_real_client(_koophone_real_settings: dict[str, Any]) -> Iterator[Client]:
    from . import Client

    with Client(**_koophone_real_settings) as client:
        yield client


@pytest.fixture(scope="session")
def _koophone_real_async_client(_koophone_real_settings: dict[str, Any]) -> Iterator[AsyncClient]:
    from . import AsyncClient

    client = AsyncClient(**_koophone_real_settings)
    yield client
    client.close()


@pytest.fixture
def koophone_client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of this test's emulator, or with ``--koophone-real`` of the service."""
    if request.config.getoption("--koophone-real"):
        yield request.getfixturevalue("_koophone_real_client")
        return
    emulator: Emulator = request.getfixturevalue("koophone_emulator")
    with emulator.client() as client:
        yield client


@pytest.fixture
def koophone_async_client(request: pytest.FixtureRequest) -> Iterator[AsyncClient]:
    """As ``koophone_client``, for asyncio."""
    if request.config.getoption("--koophone-real"):
        yield request.getfixturevalue("_koophone_real_async_client")
        return
    emulator: Emulator = request.getfixturevalue("koophone_emulator")
    client = emulator.async_client()
    yield client
    client.close()


@pytest.fixture
def koophone_phones(request: pytest.FixtureRequest) -> list[str]:
    """Ids of the phones to test on."""
    if not request.config.getoption("--koophone-real"):
        emulator: Emulator = request.getfixturevalue("koophone_emulator")
        return emulator.instance_ids
    named: str | None = request.config.getoption("--koophone-phones")
    ids = named.split(",") if named else list(request.config.getini("koophone_phones"))
    if not ids:
        pytest.fail("--koophone-real needs the ids of phones: --koophone-phones, or koophone_phones in the ini file")
    return ids
