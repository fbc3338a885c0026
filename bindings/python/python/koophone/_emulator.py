"""The local service, to test against with no account and no network."""

from __future__ import annotations

import json
from warnings import warn

from ._client import Client
from ._emulator_methods import EmulatorMethods
from ._koophone import Credentials, NativeEmulator

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self, Unpack

    from ._async_client import AsyncClient
    from ._emulator_options import EmulatorOptions
    from ._settings import Settings


class Emulator(EmulatorMethods):
    """A local KooPhone and identity service on a loopback port that the system chooses. Phones keep state, a small
    shell runs their commands, and a journal tells what each phone really did.

    ``options`` are those of `EmulatorOptions`; the most useful are ``phones`` (how many), ``instance_ids``, ``seed``,
    ``mode="strict"``, ``quirks=[...]``, ``faults=[...]`` (see `Fault`), ``rules=[...]`` (see `Rule`) and
    ``clock={"mode": "manual"}``. Unknown ones raise `InvalidArgumentError`. A client of the emulator keeps it alive;
    stop it by a ``with`` statement or by ``stop()``.

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
    def endpoint(self) -> str:
        """Address of both services."""
        return self._native.endpoint

    @property
    def instance_ids(self) -> list[str]:
        """Ids of all phones, in a fixed order."""
        ids: list[str] = self._call("phone_ids")
        return ids

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make a client, or a program of its own, use the emulator and log in."""
        variables: dict[str, str] = self._call("environment")
        return variables

    @property
    def settings(self) -> Settings:
        """What a client needs to find the emulator: ``Client(emulator.credentials, **emulator.settings)``."""
        return {"endpoint": self.endpoint, "iam_endpoint": self.endpoint, "region": self.secrets["region"]}

    @property
    def credentials(self) -> Credentials:
        """The emulated user's name and password."""
        known = self.secrets
        return Credentials(username=known["user"], password=known["password"], domain=known["account_domain"])

    @property
    def secrets(self) -> dict[str, str]:
        """Everything one can log in with, by name: ``user``, ``password``, ``access_key``, ... Worth nothing
        elsewhere."""
        known: dict[str, str] = self._call("credentials")
        return known

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
        """The commands that all phones, or one, really ran, oldest first."""
        return [entry["command"] for entry in self.journal(instance_id) if entry["kind"] == "command"]

    @property
    def is_running(self) -> bool:
        """Whether it still serves."""
        return self._native.is_running

    def stop(self) -> None:
        """Stops and waits until the port is free. Calling it again does nothing."""
        self._native.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # `warn` is given here, for there may be no modules any more when the interpreter ends.
    def __del__(self, warn: Any = warn) -> None:
        # There is nothing to stop where it could not be started.
        if hasattr(self, "_native") and self.is_running:
            warn(f"unstopped emulator {self!r}; use it in a with statement, or call stop()", ResourceWarning, 2, self)
            self.stop()

    def __repr__(self) -> str:
        return f"<Emulator {self.endpoint}{'' if self.is_running else ' stopped'}>"
