"""Records reach Python's `logging`, from any thread, and a disabled logger gets none."""

import asyncio
import logging
import threading

import pytest

import koophone


@pytest.fixture
def one_repeat(emulator):
    """The next call is repeated, which is logged at DEBUG; the first call logs in, which is logged at INFO."""
    emulator.add_faults({"operation": "query_status", "action": "html", "status": 503})


def messages(caplog):
    return [(record.name, record.levelname, record.getMessage().split()[0]) for record in caplog.records]


def test_records_reach_the_logger_at_its_level(client, phones, caplog, one_repeat):
    caplog.set_level(logging.DEBUG, logger="koophone")
    client.query_status(phones)
    assert ("koophone", "INFO", "logged") in messages(caplog)
    assert ("koophone", "DEBUG", "repeating") in messages(caplog)
    assert all(abs(record.created - caplog.records[0].created) < 60 for record in caplog.records)


def test_the_level_is_looked_up_at_every_call(client, emulator, phones, caplog):
    client.query_status(phones)
    assert messages(caplog) == []
    caplog.set_level(logging.INFO, logger="koophone")
    emulator.expire_tokens()
    client.query_status(phones)
    assert [level for _, level, _ in messages(caplog)] == ["INFO"]
    caplog.clear()
    caplog.set_level(logging.WARNING, logger="koophone")
    emulator.expire_tokens()
    client.query_status(phones)
    assert messages(caplog) == []


def test_records_of_asyncio_calls_arrive_while_the_call_runs(emulator, phones, caplog, one_repeat):
    caplog.set_level(logging.DEBUG, logger="koophone")
    emulator.add_faults({"operation": "query_status", "action": "no_response"})

    async def main():
        waiting = asyncio.create_task(emulator.async_client().query_status(phones))
        while not any("repeating" in record.getMessage() for record in caplog.records):
            await asyncio.sleep(0.005)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(main())


def test_a_handler_may_call_the_client(client, emulator, phones):
    results = []

    class Curious(logging.Handler):
        def emit(self, record):
            results.append(client.query_status(phones).all_ok)

    logger = logging.getLogger("koophone")
    handler = Curious(logging.INFO)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        emulator.expire_tokens()
        client.query_status(phones)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert results == [True]


class Broken(logging.Filter):
    """A filter of the user that raises an exception, which must not lose a result."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def filter(self, record):
        raise self.error


@pytest.fixture
def unraisable(monkeypatch):
    """What reaches ``sys.unraisablehook``."""
    caught = []
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: caught.append(unraisable.exc_value))
    return caught


@pytest.fixture(
    params=[LookupError("broken"), asyncio.CancelledError(), StopIteration()], ids=lambda one: type(one).__name__
)
def broken(request, caplog):
    caplog.set_level(logging.INFO, logger="koophone")
    logger, broken = logging.getLogger("koophone"), Broken(request.param)
    logger.addFilter(broken)
    yield request.param
    logger.removeFilter(broken)


def test_an_exception_in_a_filter_does_not_lose_the_result(client, phones, broken, unraisable):
    assert client.run_command(phones, "true").all_ok
    assert unraisable == [broken]


def test_what_a_filter_raises_stops_no_await(emulator, phones, broken, unraisable):
    async def main():
        async with emulator.async_client() as client:
            return await asyncio.wait_for(client.run_command(phones, "true"), 30)

    assert asyncio.run(main()).all_ok
    assert unraisable == [broken]


def test_ctrl_c_in_a_handler_ends_the_program_and_no_await_hangs(emulator, phones, caplog):
    caplog.set_level(logging.INFO, logger="koophone")
    logger, broken = logging.getLogger("koophone"), Broken(KeyboardInterrupt())

    async def main():
        async with emulator.async_client() as client:
            try:
                await client.query_status(phones)
            finally:
                logger.removeFilter(broken)

    logger.addFilter(broken)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    logger.addFilter(broken)
    try:
        with emulator.client() as client, pytest.raises(KeyboardInterrupt):
            client.query_status(phones)
    finally:
        logger.removeFilter(broken)


def test_logging_is_switched_on_after_the_client_was_made(emulator, phones, caplog):
    logger = logging.getLogger("koophone")
    caplog.set_level(logging.CRITICAL + 1, logger=logger.name)
    with emulator.client() as client:
        client.query_status(phones)
        caplog.set_level(logging.DEBUG, logger=logger.name)
        emulator.expire_tokens()
        client.query_status(phones)
    assert ("koophone", "INFO", "logged") in messages(caplog)


def test_a_handler_may_call_the_client_while_a_call_waits(client, emulator, phones, caplog):
    client.login()
    emulator.add_faults({"operation": "query_status", "action": "html", "status": 503})
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    token, results = koophone.CancelToken(), []

    class Curious(logging.Handler):
        def emit(self, record):
            logger.removeHandler(self)
            results.append(client.get_device_token(phones[0]).instance_id)
            token.cancel()

    caplog.set_level(logging.DEBUG, logger="koophone")
    logger = logging.getLogger("koophone")
    logger.addHandler(Curious())
    with pytest.raises(koophone.CancelledError):
        client.query_status(phones, cancel=token)
    assert results == phones[:1]


def test_a_slow_handler_held_by_one_thread_stops_nobody_for_good(emulator, phones, caplog):
    caplog.set_level(logging.DEBUG, logger="koophone")
    client = emulator.client()
    threads = [threading.Thread(target=client.query_status, args=(phones,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_no_secret_is_logged(emulator, phones, caplog, one_repeat):
    caplog.set_level(logging.DEBUG, logger="koophone")
    with emulator.client() as client:
        client.query_status(phones)
        with pytest.raises(koophone.KooPhoneError):
            client.run_command(["nobody"], "input text hunter2")
    assert caplog.records
    for secret in (emulator.secrets["password"], "hunter2"):
        assert secret not in caplog.text


def test_logging_is_neither_imported_nor_configured(python):
    code = """
        import sys, koophone
        with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
            emulator.add_faults({"operation": "query_status", "action": "html", "status": 503})
            client.query_status(emulator.instance_ids)
        assert "logging" not in sys.modules
        import logging
        with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
            client.query_status(emulator.instance_ids)
        logger = logging.getLogger("koophone")
        assert not logger.handlers and not logging.root.handlers and logger.level == logging.NOTSET
    """
    finished = python(code)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
