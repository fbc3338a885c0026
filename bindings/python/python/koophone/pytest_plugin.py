"""Fixtures for pytest: phones to test on, emulated or real.

For one test each:

- ``koophone_emulator``: the test's own `Emulator`;
- ``koophone_client``: a `Client` of that emulator, or with ``--koophone-real`` of the service;
- ``koophone_async_client``: the same as an `AsyncClient`, for any plugin that runs asyncio tests;
- ``koophone_phones``: the ids of the phones to test on;
- ``koophone_phone``: one id; a test that uses it runs once for every phone;
- ``koophone_emulator_options``: options of the `Emulator`; override it in a ``conftest.py``.

For the whole session, with a separate emulator: ``koophone_session_emulator``, ``koophone_session_client``,
``koophone_session_async_client``, ``koophone_session_phones`` and ``koophone_session_emulator_options``.

With ``--koophone-real`` settings and credentials are read from the environment (``KOOPHONE_*``), and the ids from
``--koophone-phones`` or the ini option ``koophone_phones``. The clients then live as long as the session. The workers
of pytest-xdist divide the phones among them, so that no phone is used by two tests at once, and share one login through
a token cache in pytest's temporary folder. A line at the top of the report says on which phones the tests run.
"""

from __future__ import annotations

import os
from contextlib import closing

import pytest

__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from . import Emulator, EmulatorOptions, Settings

_SHARES = pytest.StashKey[list[list[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("koophone", "KooPhone cloud phones")
    real = "use the service and the environment's credentials, not the emulator"
    group.addoption("--koophone-real", action="store_true", help=real)
    group.addoption("--koophone-phones", metavar="IDS", help="ids of the phones, separated by commas (default: ini)")
    parser.addini("koophone_phones", "ids of the real phones to test on", type="args", default=[])
    parser.addini("koophone_emulated_phones", "how many phones an emulator has", default="3")


def _is_real(config: pytest.Config) -> bool:
    return bool(config.getoption("--koophone-real"))


def _named_phones(config: pytest.Config) -> list[str]:
    """The real phones of the whole run."""
    named: str | None = config.getoption("--koophone-phones")
    return named.split(",") if named else list(config.getini("koophone_phones"))


def _emulated(config: pytest.Config) -> int:
    return int(config.getini("koophone_emulated_phones"))


def pytest_report_header(config: pytest.Config) -> str:
    if not _is_real(config):
        return f"koophone: EMULATED phones, {_emulated(config)} for each emulator; --koophone-real tests on real ones"
    workers = config.getoption("numprocesses", None)
    divided = f", divided among {workers} workers" if workers else ""
    return f"koophone: REAL phones{divided}: {', '.join(_named_phones(config)) or 'none named'}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Gives a worker its share of the real phones."""
    if not _is_real(node.config):
        return
    ids, workers = _named_phones(node.config), node.workerinput["workercount"]
    if 0 < len(ids) < workers:
        message = f"koophone: {workers} workers cannot divide {len(ids)} phones among them"
        raise pytest.UsageError(f"{message}; name more phones, or pass -n {len(ids)}")
    shares = node.config.stash.setdefault(_SHARES, [ids[first::workers] for first in range(workers)])
    node.workerinput["koophone_phones"] = shares.pop(0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keeps the phones of a worker that crashed for its replacement."""
    if _is_real(node.config):
        node.config.stash[_SHARES].append(node.workerinput["koophone_phones"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "koophone_phone" not in metafunc.fixturenames:
        return
    config = metafunc.config
    phones = _named_phones(config) if _is_real(config) else range(_emulated(config))
    if _is_real(config) and hasattr(config, "workerinput"):
        raise pytest.UsageError(
            "koophone_phone cannot be used with --koophone-real under pytest-xdist, where each worker has phones of its"
            " own; leave -n out, or use koophone_phones"
        )
    metafunc.parametrize("koophone_phone", phones, indirect=True)


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


def _both(make: Any) -> tuple[Any, Any]:
    """The fixture for one test, and the one for the session."""
    return pytest.fixture(make), pytest.fixture(scope="session")(make)


def _other(request: pytest.FixtureRequest, name: str) -> Any:
    """Another fixture of the same scope."""
    return request.getfixturevalue(f"koophone_{'session_' if request.scope == 'session' else ''}{name}")


def _options(request: pytest.FixtureRequest) -> EmulatorOptions:
    """Options of the test's or the session's emulator; override it in a ``conftest.py``."""
    return {"phones": _emulated(request.config)}


def _emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A local KooPhone of the test's or the session's own: add faults, read the journal. With ``--koophone-real`` a
    test that asks for it is skipped, because the service cannot do what it needs."""
    from . import Emulator

    if _is_real(request.config):
        pytest.skip("needs the emulator, and --koophone-real is given")
    with Emulator(**_other(request, "emulator_options")) as emulator:
        yield emulator


def _client(kind: str) -> Any:
    def client(request: pytest.FixtureRequest) -> Iterator[Any]:
        """A client of the test's or the session's emulator, or with ``--koophone-real`` of the service."""
        real = _is_real(request.config)
        if real and request.scope != "session":
            # Real clients live as long as the session.
            yield request.getfixturevalue(f"koophone_session_{kind}")
            return
        with closing(_real_client(request, kind) if real else getattr(_other(request, "emulator"), kind)()) as made:
            yield made

    return client


def _real_client(request: pytest.FixtureRequest, kind: str) -> Any:
    from . import AsyncClient, Client

    folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # The folder of each worker is inside the one that they share.
        folder = folder.parent
    # A cache that the environment names is kept: it may already contain a token.
    cache: Settings = {} if "KOOPHONE_TOKEN_CACHE" in os.environ else {"token_cache": folder / "koophone-tokens"}
    return Client(**cache) if kind == "client" else AsyncClient(**cache)


def _phones(request: pytest.FixtureRequest) -> list[str]:
    """Ids of the phones to test on; under pytest-xdist the real ones of this worker."""
    if not _is_real(request.config):
        return list(_other(request, "emulator").instance_ids)
    shares: dict[str, list[str]] = getattr(request.config, "workerinput", {})
    ids = shares.get("koophone_phones") or _named_phones(request.config)
    if not ids:
        message = "--koophone-real needs the ids of phones: --koophone-phones, or koophone_phones in the ini file"
        pytest.fail(message, pytrace=False)
    return ids


koophone_emulator_options, koophone_session_emulator_options = _both(_options)
koophone_emulator, koophone_session_emulator = _both(_emulator)
koophone_client, koophone_session_client = _both(_client("client"))
koophone_async_client, koophone_session_async_client = _both(_client("async_client"))
koophone_phones, koophone_session_phones = _both(_phones)
