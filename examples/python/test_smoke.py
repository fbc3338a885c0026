"""Does the game start, take keys, and stay alive?"""

from __future__ import annotations

import pytest
from fleet import GAME, Fleet

import koophone

START, LEFT, RIGHT = 66, 21, 22


def test_the_game_starts_on_every_phone(fleet: Fleet) -> None:
    fleet.start_game()
    assert all(fleet.shell(f"pidof {GAME}"))
    assert all(GAME in focus for focus in fleet.shell("dumpsys window"))


def test_keys_do_not_kill_the_game(fleet: Fleet) -> None:
    fleet.start_game()
    before = fleet.shell(f"pidof {GAME}")
    fleet.press(START, LEFT, LEFT, RIGHT)
    assert fleet.shell(f"pidof {GAME}") == before


def test_the_log_has_the_start_and_no_crash(fleet: Fleet) -> None:
    fleet.shell("logcat -c")
    fleet.start_game()
    for log in fleet.log():
        assert GAME in log
        assert "FATAL" not in log and "ANR in" not in log


def test_a_phone_comes_back_from_a_reset(fleet: Fleet) -> None:
    task = fleet.client.reset_instances(fleet.phones)
    if task.can_be_followed:
        task.wait(timeout=300).raise_for_errors()
    fleet.wait_until_booted()
    assert all(GAME not in packages for packages in fleet.shell("pm list packages"))


def test_each_key_is_pressed_once_even_when_the_network_fails(
    fleet: Fleet, koophone_emulator: koophone.Emulator
) -> None:
    """What the emulator is for: the answer is lost on the way, and the key must not be pressed again."""
    koophone_emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
    with pytest.raises(koophone.OutcomeUnknownError):
        fleet.press(START)
    presses = [command for command in koophone_emulator.commands() if command == f"input keyevent {START}"]
    assert len(presses) == len(fleet.phones)
