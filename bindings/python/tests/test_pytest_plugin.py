"""The plugin, in separate pytest runs."""

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
    plugins = ("-p", "no:cacheprovider", "-p", "no:asyncio")
    return pytester.runpytest_subprocess("-W", "error", *plugins, *arguments, timeout=60)


def test_fixtures_use_an_emulator(pytester):
    pytester.makepyfile(TEST.format(phones=3))
    run(pytester).assert_outcomes(passed=2)


def test_the_number_of_phones_is_an_ini_option(pytester):
    pytester.makeini("[pytest]\nkoophone_emulated_phones = 5\n")
    pytester.makepyfile(TEST.format(phones=5))
    run(pytester).assert_outcomes(passed=2)



def test_an_emulator_is_configured_by_a_fixture(pytester):
    pytester.makepyfile(OVERRIDDEN)
    run(pytester).assert_outcomes(passed=1)


def test_workers_share_one_login(pytester, real):
    pytester.makepyfile(REAL)
    phones = ",".join(real.instance_ids)
    run(pytester, "--koophone-real", "--koophone-phones", phones, "-n", "3").assert_outcomes(passed=8)
    requests = real.requests()
    assert [request["path"].startswith("/v3/auth/tokens") for request in requests].count(True) == 1
    assert len(requests) == 9


DIVIDED = """
    import pytest

    @pytest.mark.parametrize("n", range(12))
    def test_real(koophone_client, koophone_phones, worker_id, n):
        assert koophone_client.run_command(koophone_phones, f"echo {worker_id}").all_ok
"""


def test_workers_divide_the_phones(pytester, real):
    pytester.makepyfile(DIVIDED)
    phones = real.instance_ids
    result = run(pytester, "--koophone-real", "--koophone-phones", ",".join(phones), "-n", "2")
    result.assert_outcomes(passed=12)
    users = [{command for command in real.commands(phone)} for phone in phones]
    assert all(len(user) == 1 for user in users), users
    assert users[0] == users[2] != users[1]
    result.stdout.fnmatch_lines([f"koophone: REAL phones, divided among 2 workers: {', '.join(phones)}"])


def test_the_worker_in_the_place_of_one_that_crashed_takes_its_phones(pytester, real):
    pytester.makepyfile(
        """
        import os

        def test_crash():
            os._exit(1)

        def test_next(koophone_client, koophone_phones):
            assert koophone_client.run_command(koophone_phones, "true").all_ok
        """
    )
    phones = real.instance_ids
    done = run(pytester, "--koophone-real", "--koophone-phones", ",".join(phones), "-n", "1")
    done.assert_outcomes(passed=1, failed=1)
    assert real.commands() == ["true"] * 3


def test_fewer_phones_than_workers_are_an_error(pytester, real):
    pytester.makepyfile(DIVIDED)
    result = run(pytester, "--koophone-real", "--koophone-phones", ",".join(real.instance_ids), "-n", "4")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*4 workers cannot divide 3 phones*pass -n 3*"])
    assert real.requests() == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "koophone: EMULATED phones, 3 for each emulator*"),
        (["--koophone-real", "--koophone-phones", "a,b"], "koophone: REAL phones: a, b"),
        (["--koophone-real"], "koophone: REAL phones: none named"),
    ],
)
def test_a_line_at_the_top_says_on_which_phones(pytester, arguments, line):
    run(pytester, *arguments).stdout.fnmatch_lines([line])


ONE_PHONE = """
    def test_one(koophone_client, koophone_phone):
        assert koophone_client.run_command([koophone_phone], "true").all_ok
        print("ran on", koophone_phone)
"""


def test_a_test_of_one_phone_runs_once_for_every_phone(pytester, real):
    pytester.makeini("[pytest]\nkoophone_emulated_phones = 4\n")
    pytester.makepyfile(ONE_PHONE)
    run(pytester).assert_outcomes(passed=4)
    run(pytester, "-n", "2").assert_outcomes(passed=4)
    phones = real.instance_ids
    arguments = ["--koophone-real", "--koophone-phones", ",".join(phones)]
    run(pytester, *arguments).assert_outcomes(passed=3)
    assert [real.commands(phone) for phone in phones] == [["true"]] * 3
    divided = run(pytester, *arguments, "-n", "2")
    divided.stdout.fnmatch_lines(["*koophone_phone cannot be used with --koophone-real under pytest-xdist*"])
    assert divided.ret != 0


def test_a_test_of_one_phone_knows_their_number_in_advance(pytester):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def koophone_emulator_options():
            return {"phones": 2}
        """
    )
    pytester.makepyfile(ONE_PHONE)
    result = run(pytester)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*the emulator has 2 phones, and the ini option koophone_emulated_phones says 3*"])


SESSION = """
    import asyncio

    def test_first(koophone_session_client, koophone_session_phones):
        assert koophone_session_client.run_command(koophone_session_phones, "true").all_ok

    def test_second(koophone_session_emulator, koophone_session_async_client, koophone_session_phones,
    koophone_emulator):
        results = asyncio.run(koophone_session_async_client.run_command(koophone_session_phones, "echo"))
        assert results.all_ok
        assert koophone_session_emulator.commands(koophone_session_phones[0]) == ["true", "echo"]
        assert koophone_emulator.commands() == []
"""


def test_the_sessions_emulator_is_the_same_for_all_tests(pytester):
    pytester.makepyfile(SESSION)
    run(pytester).assert_outcomes(passed=2)


def test_on_real_phones_the_sessions_client_is_the_services(pytester, real):
    pytester.makepyfile(SESSION)
    phones = ",".join(real.instance_ids)
    run(pytester, "--koophone-real", "--koophone-phones", phones).assert_outcomes(passed=1, skipped=1)
    assert real.commands() == ["true"] * 3


def test_a_failure_shows_the_test_and_nothing_of_ours(pytester):
    pytester.makepyfile(
        """
        import asyncio, pytest

        def test_client(koophone_client):
            koophone_client.run_command([], "true")

        def test_check(koophone_client, koophone_phones):
            koophone_client.run_command(koophone_phones, "false", check=True)

        def test_async(koophone_async_client):
            asyncio.run(koophone_async_client.run_command([], "true"))

        class TestOptions:
            @pytest.fixture
            def koophone_emulator_options(self):
                return {"fones": 2}

            def test_options(self, koophone_client):
                pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=3, errors=1)
    text = result.stdout.str()
    for line in ("*the list of phones is empty*", "*3 of 3 phones failed*", "*unknown field `fones`*"):
        result.stdout.fnmatch_lines([line])
    assert not any(ours in text for ours in ("Runs a shell command", "A local KooPhone", "Service call", "_checked.py"))


def test_real_phones_may_stand_in_the_ini_file(pytester, real):
    pytester.makeini(f"[pytest]\nkoophone_phones = {' '.join(real.instance_ids)}\n")
    pytester.makepyfile(REAL)
    run(pytester, "--koophone-real").assert_outcomes(passed=8)


def test_tests_of_the_emulator_are_left_out_on_real_phones(pytester, real):
    pytester.makepyfile(TEST.format(phones=3))
    phones = ",".join(real.instance_ids)
    run(pytester, "--koophone-real", "--koophone-phones", phones).assert_outcomes(skipped=2)


def test_without_phones_the_error_names_the_remedy(pytester, real):
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
