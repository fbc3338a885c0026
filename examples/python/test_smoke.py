"""Does the game start, take keys, and stay alive?"""

from __future__ import annotations

import pytest
from game import GAME

import koophone
from koophone import Client, Emulator, Phones


def test_the_game_is_on_the_screen(phones: Phones) -> None:
    assert all(phone.value and phone.value.package == GAME for phone in phones.app_current())


def test_a_name_can_be_typed(phones: Phones) -> None:
    phones.click_ratio(0.5, 0.9, check=True)
    phones.send_keys("Player 1", check=True)
    assert all(phone.value and phone.value.package == GAME for phone in phones.app_current())


def test_keys_do_not_kill_the_game(phones: Phones) -> None:
    before = [phone.value for phone in phones.pidof(GAME, check=True)]
    for key in ("ENTER", "DPAD_LEFT", "DPAD_LEFT", "DPAD_RIGHT"):
        phones.keyevent(key, check=True)
    assert all(before) and [phone.value for phone in phones.pidof(GAME)] == before


def test_the_log_has_the_start_and_no_crash(phones: Phones, koophone_client: Client) -> None:
    for phone in koophone_client.run_command(phones.instance_ids, "logcat -d -t 20", check=True):
        assert GAME in phone.output and "FATAL" not in phone.output and "ANR in" not in phone.output


def test_phones_come_back_from_a_reset(phones: Phones, koophone_client: Client) -> None:
    before = [phone.value or "" for phone in phones.boot_id(check=True)]
    koophone_client.reset_instances(phones.instance_ids).wait(timeout=300, check=True)
    phones.wait_for_boot(before, timeout=300, check=True)
    assert not any(phone.value for phone in phones.list_packages(GAME, check=True))


def test_each_key_is_pressed_once_even_when_the_network_fails(phones: Phones, koophone_emulator: Emulator) -> None:
    """What the emulator is for: the response is lost, and the key must not be pressed again."""
    koophone_emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
    with pytest.raises(koophone.OutcomeUnknownError):
        phones.keyevent("ENTER", check=True)
    assert koophone_emulator.commands().count("input keyevent KEYCODE_ENTER") == len(phones.instance_ids)
