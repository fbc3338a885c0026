"""The local service, to test against with no account and no network."""

from __future__ import annotations

import json
from warnings import warn

from ._client import Client
from ._emulator_methods import EmulatorMethods
from ._koophone import Credentials, NativeEmulator

__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self, Unpack

    from . import AsyncClient, EmulatorOptions, Settings


class Emulator(EmulatorMethods):
    """A local KooPhone and identity service on a loopback port that the system chooses. Phones keep their state, a
    small shell runs their commands, and a journal records what each phone really did.

    A client of the emulator keeps it alive; a ``with`` statement or ``stop()`` stops it.

    Args:
        options: See `EmulatorOptions`. The most useful are ``phones`` (how many), ``instance_ids``, ``seed``,
            ``mode="strict"``, ``quirks=[...]``, ``faults=[...]`` (see `Fault`), ``rules=[...]`` (see `Rule`) and
            ``clock={"mode": "manual"}``.

    Raises:
        InvalidArgumentError: an option is unknown or wrong.
        ConfigurationError: the system refuses a port or a thread.

    >>> import koophone
    >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
    ...     emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
    ...     (result,) = client.run_command(emulator.instance_ids, "input tap 10 20")
    ...     print(result.error.kind, emulator.commands())
    outcome_unknown ['input tap 10 20']
    """

    __slots__ = ()

    def __init__(self, **options: Unpack[EmulatorOptions]) -> None:
        self._native = NativeEmulator(json.dumps(options))

    @property
    def settings(self) -> Settings:
        """The settings for a client of it: ``Client(emulator.credentials, **emulator.settings)``."""
        return {"endpoint": self.endpoint, "iam_endpoint": self.endpoint, "region": self.secrets["region"]}

    @property
    def credentials(self) -> Credentials:
        """The emulated user's name and password."""
        known = self.secrets
        return Credentials(username=known["user"], password=known["password"], domain=known["account_domain"])

    def client(self, **settings: Unpack[Settings]) -> Client:
        """A client of this emulator that takes nothing from the environment."""
        client = Client(environment=self.environment, **settings)
        client._emulator = self
        return client

    def async_client(self, **settings: Unpack[Settings]) -> AsyncClient:
        """An `AsyncClient` of this emulator that takes nothing from the environment."""
        from ._async_client import AsyncClient

        client = AsyncClient(environment=self.environment, **settings)
        client._emulator = self
        return client

    def commands(self, instance_id: str | None = None) -> list[str]:
        """The commands that all phones, or one, have executed, oldest first."""
        return [entry["command"] for entry in self.journal(instance_id) if entry["kind"] == "command"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # `warn` is an argument because modules may no longer exist when the interpreter ends.
    def __del__(self, warn: Any = warn) -> None:
        # Where it could not be started there is nothing to stop.
        if hasattr(self, "_native") and self.is_running:
            warn(f"unstopped emulator {self!r}; use it in a with statement, or call stop()", ResourceWarning, 2, self)
            self.stop()

    def __repr__(self) -> str:
        return f"<Emulator {self.endpoint}{'' if self.is_running else ' stopped'}>"
