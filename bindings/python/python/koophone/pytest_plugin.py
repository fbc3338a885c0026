"""Fixtures for pytest: phones to test on, emulated or real.

- ``koophone_emulator``: an `Emulator` of the test's own;
- ``koophone_client``: a `Client`, of that emulator, or with ``--koophone-real`` of the service;
- ``koophone_phones``: the ids to use it on.

With ``--koophone-real`` settings and credentials come from the environment (``KOOPHONE_*``), and the ids from
``--koophone-phones`` or the ini option ``koophone_phones``. The client then lives as long as the session, and the workers
of pytest-xdist share one log-in through a token cache in pytest's own temporary folder.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import Client, Emulator


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koophone", "KooPhone cloud phones")
    group.addoption(
        "--koophone-real", action="store_true", help="use the service and the environment's credentials, not the emulator"
    )
    group.addoption("--koophone-phones", metavar="IDS", help="ids of the phones, with commas between (default: ini option)")
    parser.addini("koophone_phones", "ids of the real phones to test on", type="args", default=[])
    parser.addini("koophone_emulated_phones", "how many phones an emulator has", default="3")


@pytest.fixture
def koophone_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A local KooPhone of this test's own: add faults, read the journal."""
    from . import Emulator

    with Emulator(phones=int(request.config.getini("koophone_emulated_phones"))) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _koophone_real_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    import os

    from . import Client

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Every worker has a folder of its own below the one that they share.
        folder = folder.parent
    # A cache named by the environment is kept: it may already hold a token.
    cache = None if "KOOPHONE_TOKEN_CACHE" in os.environ else folder / "koophone-tokens"
    with Client(token_cache=cache) as client:
        yield client


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
