"""Records reach Python's `logging`, from whatever thread they come, and silence is silent."""

import asyncio
import logging
import threading

import pytest

import koophone


@pytest.fixture
def trouble(emulator):
    """The next call is repeated, which is told at DEBUG; the first call logs in, which is told at INFO."""
    emulator.add_faults({"operation": "query_status", "action": "html", "status": 503})


def messages(caplog):
    return [(record.name, record.levelname, record.getMessage().split()[0]) for record in caplog.records]


def test_records_reach_the_logger_at_its_level(client, phones, caplog, trouble):
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


def test_records_of_asyncio_calls_arrive_while_the_call_goes_on(emulator, phones, caplog, trouble):
    caplog.set_level(logging.DEBUG, logger="koophone")
    emulator.add_faults({"operation": "query_status", "action": "silence"})

    async def main():
        waiting = asyncio.create_task(emulator.async_client().query_status(phones))
        while not any("repeating" in record.getMessage() for record in caplog.records):
            await asyncio.sleep(0.005)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(main())


def test_a_handler_may_call_the_client(client, emulator, phones):
    answers = []

    class Curious(logging.Handler):
        def emit(self, record):
            answers.append(client.query_status(phones).all_ok)

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
    assert answers == [True]


def test_a_slow_handler_held_by_one_thread_stops_nobody_for_good(emulator, phones, caplog):
    caplog.set_level(logging.DEBUG, logger="koophone")
    client = emulator.client()
    threads = [threading.Thread(target=client.query_status, args=(phones,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_no_secret_is_told(emulator, phones, caplog, trouble):
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
