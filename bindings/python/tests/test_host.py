"""What the package does to the program it is in: nothing at import, nothing at exit, and forks work."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import koophone

# -- import


def test_command_needs_no_import_of_its_own(python):
    finished = python("import koophone; assert 'place 2' in koophone.command.why_not('a|b')")
    assert (finished.returncode, finished.stderr) == (0, "")


def test_import_starts_nothing(python):
    code = """
        import os, sys, signal, threading, locale
        descriptors, threads = set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE), dict(os.environ)
        hooks = sys.excepthook, sys.unraisablehook, locale.setlocale(locale.LC_ALL)
        import koophone
        assert set(os.listdir("/proc/self/fd")) == descriptors
        assert len(os.listdir("/proc/self/task")) == threads
        assert before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE), dict(os.environ))
        assert hooks == (sys.excepthook, sys.unraisablehook, locale.setlocale(locale.LC_ALL))
        assert not {"asyncio", "json", "logging", "socket", "ssl"} & set(sys.modules), sys.modules.keys()
        koophone.Client(environment={})
        assert len(os.listdir("/proc/self/task")) == threads
    """
    finished = python(code)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_everything_public_is_there_and_nothing_else():
    assert sorted(koophone.__all__) == koophone.__all__ == dir(koophone)
    assert all(getattr(koophone, name).__doc__ for name in koophone.__all__ if name not in ("__version__", "Fault"))
    with pytest.raises(AttributeError, match="Clinet"):
        _ = koophone.Clinet


# -- Ctrl-C

INTERRUPTED = """
    import signal, sys, time, koophone
    # Python leaves Ctrl-C alone when its parent ignores it, as shells do for what they run in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        client.login()
        emulator.add_faults({"operation": "query_status", "action": "no_response"})
        print("calling", flush=True)
        try:
            client.query_status(emulator.instance_ids)
        except KeyboardInterrupt:
            print(time.time(), flush=True)
        # The client is as good as before.
        assert client.query_status(emulator.instance_ids).all_ok
"""


def test_ctrl_c_interrupts_within_100_ms():
    delays = []
    for _ in range(3):
        command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout.readline() == "calling\n"
            time.sleep(0.15)  # now it is inside the call
            sent = time.time()
            child.send_signal(signal.SIGINT)
            delays.append(float(child.stdout.readline()) - sent)
            assert child.wait(30) == 0
    # A machine under load may be late once; the promise is about us.
    assert min(delays) < 0.1, delays


def test_a_python_signal_handler_runs_during_a_call(python):
    code = """
        import signal, threading, koophone
        class Enough(Exception): pass
        def alarm(*_): raise Enough
        signal.signal(signal.SIGALRM, alarm)
        with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
            client.login()
            emulator.add_faults({"operation": "query_status", "action": "no_response"})
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                client.query_status(emulator.instance_ids)
            except Enough:
                print("enough")
    """
    finished = python(code)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "enough\n", "")


def test_a_signal_handler_may_call_the_client(python):
    code = """
        import signal, koophone
        with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
            client.login()
            emulator.add_faults({"operation": "query_status", "action": "no_response"})
            token = koophone.CancelToken()
            def alarm(*_):
                print(client.run_command(emulator.instance_ids, "echo from the handler")[0].output)
                token.cancel()
            signal.signal(signal.SIGALRM, alarm)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                client.query_status(emulator.instance_ids, cancel=token)
            except koophone.CancelledError:
                print("cancelled")
    """
    finished = python(code)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "from the handler\ncancelled\n", "")


# -- no threads available

NO_THREADS = """
    import asyncio, os, resource, sys, threading
    import koophone

    emulator = koophone.Emulator(phones=1)
    phones = emulator.instance_ids
    # As in a container whose pids.max is reached. The limit does not count for root, who becomes somebody else.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        threading.Thread(target=print).start()
    except RuntimeError:
        print("no thread")

    async def main():
        async with emulator.async_client() as client:
            await client.query_status(phones)

    try:
        asyncio.run(main())
    except koophone.ConfigurationError as error:
        print(error.kind, "pids.max" in error.message)
    with emulator.client() as client:
        print(client.query_status(phones).all_ok)
    try:
        koophone.Emulator(phones=1)
    except koophone.ConfigurationError as error:
        print(error.kind, "thread" in error.message)
    emulator.stop()
"""


def test_where_no_thread_can_be_made_calls_fail_with_an_ordinary_error(python):
    finished = python(NO_THREADS)
    expected = "no thread\nconfiguration True\nTrue\nconfiguration True\n"
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, expected, "")


# -- exit with calls open

OPEN_CALLS = {
    "daemon threads": """
        for _ in range(8):
            threading.Thread(target=client.query_status, args=(phones,), daemon=True).start()
    """,
    "daemon threads that log": """
        logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, "w"))
        logging.getLogger("koophone").setLevel(logging.DEBUG)
        emulator.add_faults({"operation": "get_task", "action": "html", "status": 503, "times": 0})
        for _ in range(8):
            threading.Thread(target=lambda: [client.get_task("t") for _ in range(1000)], daemon=True).start()
    """,
    "a daemon thread with an event loop": """
        async def calls():
            await asyncio.gather(*(emulator.async_client().query_status(phones) for _ in range(8)))
        threading.Thread(target=lambda: asyncio.run(calls()), daemon=True).start()
    """,
    "an abandoned event loop": """
        loop = asyncio.new_event_loop()
        async def leave():
            for _ in range(8):
                tasks.append(loop.create_task(emulator.async_client().query_status(phones)))
            await asyncio.sleep(0.05)
        tasks = []
        loop.run_until_complete(leave())
    """,
    "asyncio.run that is left": """
        async def leave():
            global tasks
            tasks = [asyncio.create_task(emulator.async_client().query_status(phones)) for _ in range(8)]
            await asyncio.sleep(0.05)
        asyncio.run(leave())
    """,
    "results that are not taken": """
        async def leave():
            for _ in range(8):
                tasks.append(asyncio.ensure_future(emulator.async_client().login()))
            await asyncio.sleep(0)
        tasks = []
        loop = asyncio.new_event_loop()
        loop.run_until_complete(leave())
    """,
}


@pytest.mark.parametrize("how", OPEN_CALLS)
def test_leaving_with_calls_open_does_no_harm(python, how):
    # Python itself warns of tasks destroyed while pending; that is not what is tested.
    code = f"""
        import asyncio, logging, os, sys, threading, time, warnings
        warnings.simplefilter("ignore")
        sys.unraisablehook = lambda _: None
        import koophone
        emulator = koophone.Emulator(phones=1)
        phones = emulator.instance_ids
        emulator.add_faults({{"operation": "query_status", "action": "delay", "milliseconds": 60, "times": 0}})
        client = emulator.client()
        client.login()
{textwrap.indent(textwrap.dedent(OPEN_CALLS[how]), "        ")}
        time.sleep(float(sys.argv[1]))
        print("leaving", flush=True)
    """
    for wait in (0, 0.03, 0.055, 0.06):
        finished = python(code, wait)
        assert (finished.returncode, finished.stdout) == (0, "leaving\n"), finished.stderr


# -- processes


def ask(client, phones, expected):
    """Exits with 0 if the client works in this process, from two threads' runtimes and from an event loop."""
    import asyncio

    async def main(emulated):
        return (await emulated.query_status(phones)).all_ok

    blocking, awaited = client
    good = blocking.query_status(phones).all_ok and asyncio.run(main(awaited))
    os._exit(0 if good is expected else 1)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_can_use_the_client(emulator, phones):
    import asyncio

    clients = emulator.client(), emulator.async_client()
    assert clients[0].query_status(phones).all_ok
    assert asyncio.run(_first(clients[1], phones)).all_ok
    children = [multiprocessing.get_context("fork").Process(target=ask, args=(clients, phones, True)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0] * 4
    assert clients[0].query_status(phones).all_ok


async def _first(client, phones):
    return await client.query_status(phones)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_in_the_midst_of_logging_does_not_hang(python):
    code = """
        import logging, os, threading, koophone
        # Without a buffered stream, whose own lock CPython does not free in a forked child.
        class Null(logging.Handler):
            def emit(self, record):
                os.write(null, record.getMessage().encode())
        null = os.open(os.devnull, os.O_WRONLY)
        logging.basicConfig(level=logging.DEBUG, handlers=[Null()])
        with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
            emulator.add_faults({"operation": "query_status", "action": "html", "status": 503, "times": 0})
            stop = threading.Event()
            def noise():
                while not stop.is_set():
                    try: client.query_status(emulator.instance_ids)
                    except koophone.KooPhoneError: pass
            threads = [threading.Thread(target=noise) for _ in range(2)]
            for thread in threads: thread.start()
            for _ in range(10):
                pid = os.fork()
                if pid == 0:
                    client.login()
                    os._exit(0)
                assert os.waitpid(pid, 0)[1] == 0
            stop.set()
            for thread in threads: thread.join()
    """
    finished = python(code)
    assert (finished.returncode, finished.stderr) == (0, "")


def in_a_spawned_process(settings, secrets, phones):
    credentials = koophone.Credentials(access_key=secrets["access_key"], secret_key=secrets["secret_key"])
    with koophone.Client(credentials, environment={}, **settings) as client:
        return client.run_command(phones, "true")


def test_results_and_errors_come_back_from_spawned_processes(emulator, phones):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        arguments = (emulator.settings, emulator.secrets, phones)
        results = pool.apply(in_a_spawned_process, arguments)
        assert type(results) is koophone.Results and results.all_ok
        with pytest.raises(koophone.PermissionDeniedError):
            pool.apply(in_a_spawned_process, (emulator.settings, emulator.secrets, ["nobody"]))


def test_an_emulator_in_a_forked_child_is_left_alone(emulator):
    pid = os.fork()
    if pid == 0:
        emulator.stop()
        os._exit(0 if not emulator.is_running else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert emulator.is_running
