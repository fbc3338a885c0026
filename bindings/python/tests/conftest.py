"""An emulator and a client for every test, independent of the environment."""

import subprocess
import sys
import textwrap

import pytest

import koophone

pytest_plugins = ["pytester"]

# No test waits longer than this for anything; all of them are done in a fraction of it.
PATIENCE = 60


@pytest.fixture
def emulator():
    with koophone.Emulator(phones=3) as emulator:
        yield emulator


@pytest.fixture
def client(emulator):
    with emulator.client() as client:
        yield client


@pytest.fixture
def phones(emulator):
    return emulator.instance_ids


@pytest.fixture
def python():
    """Runs a program in a fresh interpreter, warnings being errors."""

    def run(code, *arguments, **options):
        command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **options)

    return run
