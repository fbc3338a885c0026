"""The plugin, in pytest runs of its own."""

import pytest

TEST = """
    import koophone

    def test_phones(koophone_client, koophone_phones, koophone_emulator):
        assert koophone_client.run_command(koophone_phones, "true").all_ok
        assert len(koophone_emulator.commands()) == len(koophone_phones) == {phones}

    def test_a_fresh_emulator(koophone_emulator):
        assert koophone_emulator.journal() == []
"""

OVERRIDDEN = """
    import asyncio, pytest

    @pytest.fixture
    def koophone_emulator_options():
        return {"instance_ids": ["a", "b"], "files": {"/sdcard/x": "hello"}}

    def test_files(koophone_async_client, koophone_phones):
        assert koophone_phones == ["a", "b"]
        results = asyncio.run(koophone_async_client.run_command(koophone_phones, "cat /sdcard/x"))
        assert [result.output for result in results] == ["hello", "hello"]
"""

REAL = """
    import asyncio, pytest

    @pytest.mark.parametrize("n", range(8))
    def test_real(koophone_client, koophone_async_client, koophone_phones, n):
        if n % 2:
            assert koophone_client.query_status(koophone_phones).all_ok
        else:
            assert asyncio.run(koophone_async_client.query_status(koophone_phones)).all_ok
"""


@pytest.fixture
def real(emulator, monkeypatch):
    """An emulator that plays the real service, known from the environment only."""
    secrets = emulator.secrets
    for name, value in {**emulator.settings, "username": secrets["user"], "domain": secrets["account_domain"]}.items():
        monkeypatch.setenv(f"KOOPHONE_{name.upper()}", value)
    monkeypatch.setenv("KOOPHONE_PASSWORD", secrets["password"])
    return emulator


def run(pytester, *arguments):
    return pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio", *arguments, timeout=60)


def test_fixtures_use_an_emulator(pytester):
    pytester.makepyfile(TEST.format(phones=3))
    run(pytester).assert_outcomes(passed=2)


def test_the_number_of_phones_is_an_ini_option(pytester):
    pytester.makeini("[pytest]\nkoophone_emulated_phones = 5\n")
    pytester.makepyfile(TEST.format(phones=5))
    run(pytester).assert_outcomes(passed=2)



def test_an_emulator_is_told_by_a_fixture(pytester):
    pytester.makepyfile(OVERRIDDEN)
    run(pytester).assert_outcomes(passed=1)


def test_workers_share_one_login(pytester, real):
    pytester.makepyfile(REAL)
    phones = ",".join(real.instance_ids)
    run(pytester, "--koophone-real", "--koophone-phones", phones, "-n", "3").assert_outcomes(passed=8)
    requests = real.requests()
    assert [request["path"].startswith("/v3/auth/tokens") for request in requests].count(True) == 1
    assert len(requests) == 9


def test_real_phones_may_stand_in_the_ini_file(pytester, real):
    pytester.makeini(f"[pytest]\nkoophone_phones = {' '.join(real.instance_ids)}\n")
    pytester.makepyfile(REAL)
    run(pytester, "--koophone-real").assert_outcomes(passed=8)


def test_tests_of_the_emulator_are_left_out_on_real_phones(pytester, real):
    pytester.makepyfile(TEST.format(phones=3))
    phones = ",".join(real.instance_ids)
    run(pytester, "--koophone-real", "--koophone-phones", phones).assert_outcomes(skipped=2)


def test_without_phones_the_remedy_is_told(pytester, real):
    pytester.makepyfile(REAL)
    result = run(pytester, "--koophone-real")
    result.assert_outcomes(errors=8)
    result.stdout.fnmatch_lines(["*needs the ids of phones: --koophone-phones*"])


def test_options_are_listed(pytester):
    result = run(pytester, "--help")
    result.stdout.fnmatch_lines(["*--koophone-real*"])


def test_runs_without_phones_start_nothing(pytester):
    pytester.makepyfile(
        """
        import sys, threading

        def test_nothing_started():
            assert threading.active_count() == 1
            assert not {"koophone._emulator", "koophone._async_client", "asyncio"} & set(sys.modules)
        """
    )
    run(pytester, "-p", "no:xdist").assert_outcomes(passed=1)
