"""The local service, to test against with no account and no network."""

from __future__ import annotations

import json
from warnings import warn

from ._client import Client
from ._koophone import Credentials, NativeEmulator

# A failure in a test shows the test, not what is in here.
__tracebackhide__ = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any

    from typing_extensions import Self, Unpack

    from ._async_client import AsyncClient
    from ._emulator_options import EmulatorOptions, Fault, Rule
    from ._settings import Settings


class Emulator:
    """A local KooPhone and identity service on a loopback port that the system chooses. Phones keep state, a small shell
    runs their commands, and a journal tells what each phone really did.

    ``options`` are those of `EmulatorOptions`; the most useful are ``phones`` (how many), ``instance_ids``, ``seed``,
    ``mode="strict"``, ``quirks=[...]``, ``faults=[...]`` (see `Fault`), ``rules=[...]`` (see `Rule`) and
    ``clock={"mode": "manual"}``. Unknown ones raise `InvalidArgumentError`. A client of the emulator keeps it alive; stop
    it by a ``with`` statement or by ``stop()``.

    >>> import koophone
    >>> with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
    ...     emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
    ...     (result,) = client.run_command(emulator.instance_ids, "input tap 10 20")
    ...     print(result.error.kind, emulator.commands())
    outcome_unknown ['input tap 10 20']
    """

    __slots__ = ("__weakref__", "_native")

    def __init__(self, **options: Unpack[EmulatorOptions]) -> None:
        self._native = NativeEmulator(json.dumps(options))

    @property
    def endpoint(self) -> str:
        """Address of both services."""
        return self._native.endpoint

    @property
    def instance_ids(self) -> list[str]:
        """Ids of all phones, in a fixed order."""
        return self._native.ids

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make a client, or a program of its own, use the emulator and log in."""
        return self._native.environment

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
        """Everything one can log in with, by name: ``user``, ``password``, ``access_key``, ... Worth nothing elsewhere."""
        return json.loads(self._native.credentials())  # type: ignore[no-any-return]

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

    def add_faults(self, *faults: Fault) -> None:
        """Adds faults at the end of the queue: what goes wrong (``action`` and its details), with which ``operation``, how
        many ``times``. None is added if one of them cannot be used."""
        self._native.add_faults(json.dumps(faults))

    def clear_faults(self) -> None:
        """Empties the queue of faults."""
        self._native.clear_faults()

    def pending_faults(self) -> list[Fault]:
        """Faults that are not used up, with what is left of their counts."""
        return json.loads(self._native.pending_faults())  # type: ignore[no-any-return]

    def add_rules(self, *rules: Rule) -> None:
        """Adds answers to commands (``command``, ``stdout``, ``exit_status``, ``duration_ms``) behind those there are."""
        self._native.add_rules(json.dumps(rules))

    def clear_rules(self) -> None:
        """Removes all rules."""
        self._native.clear_rules()

    def journal(self, instance_id: str | None = None) -> list[dict[str, Any]]:
        """What all phones, or one, really did, oldest first: ``kind``, ``instance_id``, ``command``, ``exit_status``, ..."""
        return json.loads(self._native.journal(instance_id))  # type: ignore[no-any-return]

    def commands(self, instance_id: str | None = None) -> list[str]:
        """The commands that all phones, or one, really ran, oldest first."""
        return [entry["command"] for entry in self.journal(instance_id) if entry["kind"] == "command"]

    def clear_journal(self) -> None:
        """Empties the journal. Its numbers go on."""
        self._native.clear_journal()

    def requests(self) -> list[dict[str, Any]]:
        """Every request that arrived, oldest first: ``operation``, ``method``, ``path``, ``status``, ``executed``, ..."""
        return json.loads(self._native.requests())  # type: ignore[no-any-return]

    def clear_requests(self) -> None:
        """Empties the log of requests. Its numbers go on."""
        self._native.clear_requests()

    def phone(self, instance_id: str) -> dict[str, Any] | None:
        """All there is to know about a phone (files, properties, packages, events, log, ...); None if there is none."""
        snapshot = self._native.phone(instance_id)
        return None if snapshot is None else json.loads(snapshot)

    def start_stream(self, instance_id: str) -> bool:
        """Plays a viewer who opens a stream of a phone. False if there is no such phone."""
        return self._native.start_stream(instance_id)

    def set_frozen(self, instance_id: str, frozen: bool) -> bool:
        """Freezes a phone, or ends that. False if there is no such phone."""
        return self._native.set_frozen(instance_id, frozen)

    def set_free_machines(self, count: int) -> None:
        """From now on there are so many free machines for phones that come back from storage."""
        self._native.set_free_machines(count)

    def pay_order(self, order_id: str) -> bool:
        """Pays an order, and its phones are there. False if there is no unpaid order with this id."""
        return self._native.pay_order(order_id)

    def set_phone_state(self, instance_id: str, state: int) -> bool:
        """Gives a phone any state number, 1 puts it into storage. False if there is no such phone."""
        return self._native.set_phone_state(instance_id, state)

    @property
    def now_ms(self) -> int:
        """The emulator's clock: milliseconds since 1970."""
        return self._native.now_ms

    def advance(self, seconds: float | timedelta) -> None:
        """Moves the clock forward."""
        self._native.advance(seconds)

    def expire_tokens(self) -> None:
        """Ends the life of every token there is."""
        self._native.expire_tokens()

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
