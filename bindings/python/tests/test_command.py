"""The `koophone` command that comes with the package. What it can do is tested with the Rust command; it is the
same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import koophone

COMMAND = str(Path(sys.executable).parent / "koophone")


@pytest.fixture
def environment(emulator):
    secrets = emulator.secrets
    variables = {f"KOOPHONE_{name.upper()}": value for name, value in emulator.settings.items()}
    login = {"USERNAME": secrets["user"], "PASSWORD": secrets["password"], "DOMAIN": secrets["account_domain"]}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KOOPHONE_")}
    return {**plain, **variables, **{f"KOOPHONE_{name}": value for name, value in login.items()}}


def run(environment, *arguments, command=(COMMAND,)):
    return subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", [(COMMAND,), (sys.executable, "-m", "koophone")])
def test_it_is_there_under_both_names(environment, command):
    finished = run(environment, "--version", command=command)
    assert (finished.returncode, finished.stdout) == (0, f"koophone {koophone.__version__}\n")


def test_it_runs_commands_on_phones(environment, emulator, phones):
    finished = run(environment, "--json", "exec", *phones, "--", "input", "tap", "1", "2")
    assert finished.returncode == 0, finished.stderr
    assert [result["state"] for result in json.loads(finished.stdout)] == ["succeeded"] * 3
    assert emulator.commands() == ["input tap 1 2"] * 3


def test_it_exits_with_the_number_of_the_kind(environment):
    finished = run(environment, "--json", "status", "nobody")
    assert finished.returncode == 4
    assert json.loads(finished.stderr)["error"]["kind"] == "permission_denied"


def test_ctrl_c_ends_it_with_13_and_no_traceback(environment, emulator, phones):
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    arguments = [COMMAND, "status", phones[0]]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, env=environment, stdout=pipe, stderr=pipe, text=True) as child:
        while not any(request["operation"] == "query_status" for request in emulator.requests()):
            assert child.poll() is None, child.communicate()
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=30)
    assert child.returncode == 13 and "Traceback" not in said


@pytest.mark.parametrize("command", [(COMMAND,), (sys.executable, "-m", "koophone")])
def test_the_emulator_in_the_background_is_in_the_same_virtual_environment(environment, tmp_path, command):
    pid_file = tmp_path / "emulator.pid"
    arguments = ["emulator", "--phones", "2", "--detach", "--export", "--pid-file", str(pid_file)]
    finished = run(environment, *arguments, command=command)
    assert finished.returncode == 0, finished.stderr
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    assert "export KOOPHONE_ENDPOINT=" in finished.stdout
