"""Fixtures for pytest: phones to test on, emulated or real.

For one test each:

- ``koophone_emulator``: an `Emulator` of the test's own;
- ``koophone_client``: a `Client`, of that emulator, or with ``--koophone-real`` of the service;
- ``koophone_async_client``: the same as an `AsyncClient`, for whatever plugin runs asyncio tests;
- ``koophone_phones``: the ids to use it on;
- ``koophone_phone``: one id; a test that asks for it runs once for every phone;
- ``koophone_emulator_options``: options of the `Emulator`; override it in a ``conftest.py``.

For the whole session, with an emulator of its own: ``koophone_session_emulator``, ``koophone_session_client``,
``koophone_session_async_client``, ``koophone_session_phones`` and ``koophone_session_emulator_options``.

With ``--koophone-real`` settings and credentials come from the environment (``KOOPHONE_*``), and the ids from
``--koophone-phones`` or the ini option ``koophone_phones``. The clients then live as long as the session. The workers
of pytest-xdist divide the phones among them, so that no phone serves two tests at once, and share one log-in through
a token cache in pytest's own temporary folder. A line at the top of the report says on which phones the tests run.
"""

from __future__ import annotations

from contextlib import closing

import pytest

# Whoever reads a failure is interested in the test, not in this file.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from . import AsyncClient, Client, Emulator
    from ._emulator_options import EmulatorOptions

_SHARES = pytest.StashKey[list[list[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koophone", "KooPhone cloud phones")
    group.addoption(
        "--koophone-real",
        action="store_true",
        help="use the service and the environment's credentials, not the emulator",
    )
    group.addoption(
        "--koophone-phones", metavar="IDS", help="ids of the phones, separated by commas (default: ini option)"
    )
    parser.addini("koophone_phones", "ids of the real phones to test on", type="args", default=[])
    parser.addini("koophone_emulated_phones", "how many phones an emulator has", default="3")


def _is_real(config: pytest.Config) -> bool:
    return bool(config.getoption("--koophone-real"))


def _named_phones(config: pytest.Config) -> list[str]:
    """The real phones of the whole run."""
    named: str | None = config.getoption("--koophone-phones")
    return named.split(",") if named else list(config.getini("koophone_phones"))


def _real_phones(config: pytest.Config) -> list[str]:
    """The real phones of this process: with pytest-xdist the worker's share."""
    ids: list[str] = getattr(config, "workerinput", {}).get("koophone_phones") or _named_phones(config)
    if not ids:
        message = "--koophone-real needs the ids of phones: --koophone-phones, or koophone_phones in the ini file"
        pytest.fail(message, pytrace=False)
    return ids


def _emulated(config: pytest.Config) -> int:
    return int(config.getini("koophone_emulated_phones"))


def pytest_report_header(config: pytest.Config) -> str:
    if not _is_real(config):
        return f"koophone: EMULATED phones, {_emulated(config)} for each emulator; --koophone-real tests on real ones"
    workers = config.getoption("numprocesses", None)
    divided = f", divided among {workers} workers" if workers else ""
    return f"koophone: REAL phones{divided}: {', '.join(_named_phones(config)) or 'none named'}"


# -- pytest-xdist


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Gives a worker its share of the real phones."""
    if not _is_real(node.config):
        return
    ids, workers = _named_phones(node.config), node.workerinput["workercount"]
    if 0 < len(ids) < workers:
        raise pytest.UsageError(
            f"koophone: {workers} workers cannot divide {len(ids)} phones among them; "
            f"name more phones, or pass -n {len(ids)}"
        )
    shares = node.config.stash.setdefault(_SHARES, [ids[first::workers] for first in range(workers)])
    node.workerinput["koophone_phones"] = shares.pop(0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The phones of a worker that crashed are for the one that takes its place."""
    if _is_real(node.config):
        node.config.stash[_SHARES].append(node.workerinput["koophone_phones"])


# -- once for every phone


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "koophone_phone" not in metafunc.fixturenames:
        return
    config = metafunc.config
    if not _is_real(config):
        metafunc.parametrize("koophone_phone", range(_emulated(config)), indirect=True)
    elif hasattr(config, "workerinput"):
        raise pytest.UsageError(
            "koophone_phone cannot be used with --koophone-real under pytest-xdist, where each worker has phones of its"
            " own; leave -n out, or use koophone_phones"
        )
    else:
        metafunc.parametrize("koophone_phone", _named_phones(config), indirect=True)


@pytest.fixture
def koophone_phone(request: pytest.FixtureRequest) -> str:
    """The id of one phone: the test runs once for every phone."""
    if _is_real(request.config):
        return str(request.param)
    phones: list[str] = request.getfixturevalue("koophone_phones")
    if len(phones) != _emulated(request.config):
        message = f"the emulator has {len(phones)} phones, and the ini option koophone_emulated_phones says "
        pytest.fail(f"{message}{_emulated(request.config)}: koophone_phone needs to know in advance", pytrace=False)
    return phones[int(request.param)]


# -- for one test, and for the session


def _options(request: pytest.FixtureRequest) -> EmulatorOptions:
    """Options of the test's or the session's emulator; override it in a ``conftest.py``."""
    return {"phones": _emulated(request.config)}


koophone_emulator_options = pytest.fixture(_options)
koophone_session_emulator_options = pytest.fixture(scope="session")(_options)


@pytest.fixture
def koophone_emulator(request: pytest.FixtureRequest, koophone_emulator_options: EmulatorOptions) -> Iterator[Emulator]:
    """A local KooPhone of this test's own: add faults, read the journal. With ``--koophone-real`` a test that asks
    for it is skipped, because the service cannot do what it wants."""
    yield from _started(request, koophone_emulator_options)


@pytest.fixture(scope="session")
def koophone_session_emulator(
    request: pytest.FixtureRequest, koophone_session_emulator_options: EmulatorOptions
) -> Iterator[Emulator]:
    """A local KooPhone for all tests of the session."""
    yield from _started(request, koophone_session_emulator_options)


def _started(request: pytest.FixtureRequest, options: EmulatorOptions) -> Iterator[Emulator]:
    from . import Emulator

    if _is_real(request.config):
        pytest.skip("needs the emulator, and --koophone-real is given")
    with Emulator(**options) as emulator:
        yield emulator


def _client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of the test's or the session's emulator, or with ``--koophone-real`` of the service."""
    yield from _opened(request, "client")


koophone_client = pytest.fixture(_client)
koophone_session_client = pytest.fixture(scope="session")(_client)


def _async_client(request: pytest.FixtureRequest) -> Iterator[AsyncClient]:
    """The same client for asyncio."""
    yield from _opened(request, "async_client")


koophone_async_client = pytest.fixture(_async_client)
koophone_session_async_client = pytest.fixture(scope="session")(_async_client)


def _phones(request: pytest.FixtureRequest) -> list[str]:
    """Ids of the phones to test on."""
    return _real_phones(request.config) if _is_real(request.config) else _emulator(request).instance_ids


koophone_phones = pytest.fixture(_phones)
koophone_session_phones = pytest.fixture(scope="session")(_phones)


def _emulator(request: pytest.FixtureRequest) -> Emulator:
    """The emulator of the fixture's scope."""
    scope = "session_" if request.scope == "session" else ""
    emulator: Emulator = request.getfixturevalue(f"koophone_{scope}emulator")
    return emulator


def _opened(request: pytest.FixtureRequest, kind: str) -> Iterator[Any]:
    if not _is_real(request.config):
        with closing(getattr(_emulator(request), kind)()) as client:
            yield client
    elif request.scope == "session":
        with closing(_real_client(request, kind)) as client:
            yield client
    else:
        # Real clients live as long as the session.
        yield request.getfixturevalue(f"koophone_session_{kind}")


def _real_client(request: pytest.FixtureRequest, kind: str) -> Client | AsyncClient:
    import os

    from . import AsyncClient, Client

    folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Every worker has a folder of its own below the one that they share.
        folder = folder.parent
    # A cache named by the environment is kept: it may already hold a token.
    cache = {} if "KOOPHONE_TOKEN_CACHE" in os.environ else {"token_cache": folder / "koophone-tokens"}
    return Client(**cache) if kind == "client" else AsyncClient(**cache)
