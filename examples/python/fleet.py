"""A game on many phones: the verbs that the tests are written in."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from koophone import Client, CommandResult, InstanceState, Results

GAME = "com.example.game"
PACKAGE = f"/data/local/tmp/{GAME}.apk"


class Report:
    """What each phone did, test by test."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = defaultdict(list)

    def add(self, test: str, results: Results[CommandResult], command: str) -> None:
        for result in results:
            outcome = "ok" if result.ok else f"**{result.error}**"
            self.lines[result.instance_id].append(f"- {test}: `{command}`: {outcome}")

    def markdown(self) -> str:
        return "\n".join(f"## {phone}\n\n" + "\n".join(lines) + "\n" for phone, lines in sorted(self.lines.items()))


class Fleet:
    """Phones that do the same thing at the same time."""

    def __init__(self, client: Client, phones: Sequence[str], report: Report, test: str) -> None:
        self.client, self.phones, self.report, self.test = client, phones, report, test

    def shell(self, command: str) -> list[str]:
        """Runs a command on all phones; any that fails fails the test, after all are in the report."""
        results = self.client.run_command(self.phones, command, timeout=30)
        self.report.add(self.test, results, command)
        return [result.output for result in results.raise_for_errors()]

    def wait_until_booted(self, timeout: float = 120) -> None:
        """Waits until every phone runs and Android says that it has booted."""
        deadline = time.monotonic() + timeout
        while not self.has_booted():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all phones had booted after {timeout} s")
            time.sleep(0.2)

    def has_booted(self) -> bool:
        states = self.client.query_status(self.phones, check=True)
        if any(phone.state != InstanceState.RUNNING for phone in states):
            return False
        booted = self.client.run_command(self.phones, "getprop sys.boot_completed", repeatable=True)
        return all(phone.ok and phone.output == "1" for phone in booted)

    def install(self) -> None:
        """Installs the game: slow work, so it is a task that is waited for."""
        self.client.start_command(self.phones, f"pm install {PACKAGE}", check=True).wait(timeout=300, check=True)

    def start_game(self) -> None:
        self.shell(f"am start -n {GAME}/.MainActivity")

    def press(self, *keys: int) -> None:
        """Android's key codes. Not repeatable: a key pressed twice is two keys."""
        for key in keys:
            self.shell(f"input keyevent {key}")

    def log(self) -> list[str]:
        return self.shell("logcat -d -t 20")
