"""The emulator's handle: every method does what it says. What the emulator itself does is tested in its crate."""

import asyncio
import gc
import re
import subprocess
import sys
import textwrap
import typing
import weakref

import pytest

import koophone
from koophone import _emulator_options


def test_options_are_checked_and_named():
    with koophone.Emulator(instance_ids=["a", "b"], seed=7, quirks=["any_character"]) as emulator:
        assert emulator.instance_ids == ["a", "b"]
    with pytest.raises(koophone.InvalidArgumentError, match="fones"):
        koophone.Emulator(fones=3)
    with pytest.raises(koophone.InvalidArgumentError, match="control_token"):
        koophone.Emulator(address="0.0.0.0")


def names_in(error):
    """What the emulator says it expects."""
    return set(re.findall("`([a-z_0-9]+)`", str(error.value).partition("expected")[2].partition(";")[0]))


def test_the_types_are_what_the_emulator_takes(emulator):
    with pytest.raises(koophone.InvalidArgumentError) as error:
        koophone.Emulator(nonsense=1)
    assert names_in(error) == set(typing.get_type_hints(koophone.EmulatorOptions))
    with pytest.raises(koophone.InvalidArgumentError) as error:
        emulator.add_rules({"command": "a", "nonsense": 1})
    assert names_in(error) == set(typing.get_type_hints(koophone.Rule))
    with pytest.raises(koophone.InvalidArgumentError) as error:
        emulator.add_faults({"action": "nonsense"})
    actions = {typing.get_args(typing.get_type_hints(fault)["action"])[0] for fault in typing.get_args(koophone.Fault)}
    assert names_in(error) == actions
    with pytest.raises(koophone.InvalidArgumentError) as error:
        koophone.Emulator(quirks=["nonsense"])
    assert names_in(error) == set(typing.get_args(_emulator_options.Quirk))


def test_faults_are_checked_by_type_checkers(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import koophone

            emulator = koophone.Emulator(phones=2, clock={"mode": "manual"}, quirks=["any_character"])
            fault: koophone.Fault = {"operation": "run_command", "action": "cut", "when": "after_execution", "times": 2}
            emulator.add_faults(fault, {"operation": "any", "action": "html", "status": 503})
            emulator.add_rules({"command": "a*", "stdout": "b"})
            emulator.add_faults({"action": "cut"})  # wrong
            emulator.add_faults({"action": "explode"})  # wrong
            emulator.add_rules({"stdout": "b"})  # wrong
            koophone.Emulator(fones=2)  # wrong
            koophone.Emulator(quirks=["any_charakter"])  # wrong
            client = emulator.client(timeout=20, batch_size="ten")  # wrong
            """
        )
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={tmp_path}", str(program)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    wrong = [n for n, line in enumerate(program.read_text().splitlines(), 1) if line.endswith("# wrong")]
    lines = {int(line.split(":")[1]) for line in found.stdout.splitlines() if ": error:" in line}
    assert sorted(lines) == wrong, found.stdout


def test_it_runs_until_it_is_stopped():
    emulator = koophone.Emulator()
    assert emulator.is_running and emulator.endpoint in repr(emulator)
    emulator.stop()
    emulator.stop()
    assert not emulator.is_running and "stopped" in repr(emulator)


# A phone's id is made of the seed, so that it is known where the emulator has no name.
KNOWN = {"instance_ids": ["a"]}


def test_a_client_keeps_its_emulator_alive():
    client = koophone.Emulator(**KNOWN).client()
    gc.collect()
    with client:
        assert client.run_command(["a"], "true").all_ok
        client._emulator.stop()


def test_an_async_client_keeps_its_emulator_alive():
    async def main(client):
        async with client:
            gc.collect()
            results = await client.run_command(["a"], "true")
            client._emulator.stop()
            return results

    assert asyncio.run(main(koophone.Emulator(**KNOWN).async_client())).all_ok


def test_a_task_keeps_the_emulator_of_its_client_alive():
    with koophone.Emulator(**KNOWN).client() as client:
        task = client.start_command(["a"], "true")
        emulator = weakref.ref(client._emulator)
    gc.collect()
    assert task.wait(30).all_ok
    emulator().stop()
    del task
    assert emulator() is None


def test_an_emulator_that_nobody_stopped_warns_and_stops():
    emulator = koophone.Emulator(**KNOWN)
    endpoint = emulator.endpoint
    with pytest.warns(ResourceWarning, match=endpoint):
        del emulator
    with koophone.Client(koophone.Credentials(token="t"), environment={}, endpoint=endpoint, max_attempts=1) as client:
        with pytest.raises(koophone.NetworkError):
            client.query_status(["a"])


def test_faults_come_and_go(client, emulator, phones):
    emulator.add_faults({"action": "no_permission"}, {"action": "garbage", "times": 2})
    assert [fault["times"] for fault in emulator.pending_faults()] == [1, 2]
    with pytest.raises(koophone.InvalidArgumentError):
        emulator.add_faults({"action": "explode"})
    emulator.clear_faults()
    assert emulator.pending_faults() == [] and client.query_status(phones).all_ok


def test_the_journal_tells_what_phones_did(client, emulator, phones):
    client.run_command(phones[:2], "true")
    client.reset_instances(phones[2:]).wait(30)
    assert emulator.commands() == ["true", "true"] and emulator.commands(phones[0]) == ["true"]
    assert [entry["kind"] for entry in emulator.journal(phones[2])] == ["reset"]
    assert [request["status"] for request in emulator.requests()][:2] == [201, 200]
    emulator.clear_journal()
    emulator.clear_requests()
    assert emulator.journal() == emulator.requests() == []


def test_rules_define_the_output_of_commands(client, emulator, phones):
    emulator.add_rules({"command": "am start *", "stdout": "Starting: Intent"})
    assert client.run_command(phones[:1], "am start -n com.example.game/.Main")[0].output == "Starting: Intent"
    emulator.clear_rules()
    assert client.run_command(phones[:1], "am start -n com.example.game/.Main")[0].output != "Starting: Intent"


def test_phones_are_looked_at_and_changed(client, emulator, phones):
    assert emulator.phone(phones[0])["state"] == 2 and emulator.phone("nobody") is None
    assert emulator.set_phone_state(phones[0], 5) and not emulator.set_phone_state("nobody", 5)
    assert client.query_status(phones[:1])[0].state is koophone.InstanceState.POWERED_OFF


def test_streams_frozen_phones_machines_and_orders(emulator, phones):
    assert emulator.start_stream(phones[0]) and not emulator.start_stream("nobody")
    assert emulator.set_frozen(phones[0], True) and not emulator.set_frozen("nobody", True)
    phone = emulator.phone(phones[0])
    assert phone["stream_id"] and phone["frozen"]
    emulator.set_free_machines(0)
    assert not emulator.pay_order("CS1")


def test_time_is_moved_and_tokens_end(client, emulator, phones):
    before = emulator.now_ms
    emulator.advance(60)
    assert emulator.now_ms - before >= 60_000
    client.login()
    emulator.expire_tokens()
    assert client.query_status(phones).all_ok


def test_secrets_open_the_emulator(emulator, phones):
    known = emulator.secrets
    keys = koophone.Credentials(access_key=known["access_key"], secret_key=known["secret_key"])
    with koophone.Client(keys, environment={}, **emulator.settings) as client:
        assert client.query_status(phones).all_ok
