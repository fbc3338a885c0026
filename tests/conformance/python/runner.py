"""The conformance runner of the Python package: `runner.py` for `Client`, `runner.py --asyncio` for `AsyncClient`.

See ../PROTOCOL.md: a line in, a line of JSON out. It holds no expectation.
"""

import asyncio
import inspect
import json
import re
import sys
import threading
from enum import Enum
from pathlib import PurePosixPath

import koophone

# How an argument is read from its text, by the type that it has in the signature; structures are JSON.
TYPES = {
    "str": str,
    "str | None": str,
    "str | int": str,
    "str | PathLike[str]": PurePosixPath,  # Windows takes it too, and it stays as the judge wrote it
    "int": int,
    "float": float,
    "bool": "true".__eq__,
    "str | Iterable[str] | None": lambda text: json.loads(text) if text.startswith("[") else text,
    "float | timedelta": lambda milliseconds: int(milliseconds) / 1000,
    "Callable[[str], object]": lambda text: lambda output: text in output,
}

# The arguments of every call, which are separate fields in the protocol.
OPTIONS = {"timeout", "repeatable", "cancel", "check"}


class Line:
    """One line from the judge."""

    def __init__(self, text):
        words = text.split("\t")
        self.words = [word for word in words if "=" not in word]
        self.fields = [tuple(map(unescape, word.split("=", 1))) for word in words if "=" in word]

    def all(self, name):
        return [value for field, value in self.fields if field == name]

    def one(self, name):
        return next(iter(self.all(name)), None)

    def milliseconds(self, name):
        value = self.one(name)
        return None if value is None else int(value) / 1000


def unescape(text):
    plain = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
    parts = iter(text)
    return "".join(plain[char + next(parts)] if char == "\\" else char for char in parts)


def jsonable(value):
    """The core's form of a value, read off its public attributes."""
    if isinstance(value, koophone.KooPhoneError):
        fields = jsonable(value.details)
        return fields if fields["last_jobs"] else {k: v for k, v in fields.items() if k != "last_jobs"}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list, bytes)):
        return [jsonable(one) for one in value]
    if isinstance(value, (koophone.Task, koophone.AsyncTask)):
        return {name: jsonable(getattr(value, name)) for name in ("operation", "task_ids", "phones")}
    if hasattr(value, "__match_args__"):
        return {name: jsonable(getattr(value, name)) for name in value.__match_args__}
    return value


def structures(value, annotation=""):
    """The reverse: an object becomes the structure that the annotation names; one inside of it the smallest that has
    its fields."""
    if isinstance(value, list):
        return [structures(one, annotation) for one in value]
    if not isinstance(value, dict) or not value:
        return value
    named = [vars(koophone)[name] for name in re.findall(r"\w+", annotation) if name in vars(koophone)]
    known = named or [one for one in vars(koophone).values() if set(value) <= set(getattr(one, "__match_args__", ()))]
    structure = min(known, key=lambda one: len(one.__match_args__))
    return structure(**{name: structures(field) for name, field in value.items()})


def reply_of(value):
    """The field of an reply that holds a value: the last word of its type's name."""
    return re.findall("[A-Z][a-z]+", type(value).__name__)[-1].lower()


class Runner:
    """Does what lines say. What it awaits, the blocking client returns at once."""

    def __init__(self, client_class):
        self.client_class = client_class
        self.client = self.task = None

    async def reply(self, line):
        try:
            return await getattr(self, f"do_{line.words[0]}")(line)
        except koophone.KooPhoneError as error:
            return {"error": jsonable(error)}

    async def done(self, value):
        return await value if inspect.isawaitable(value) else value

    def options(self, line, call):
        options = {"timeout": line.milliseconds("timeout_ms")}
        if line.one("repeatable") == "true" and "repeatable" in inspect.signature(call).parameters:
            options["repeatable"] = True
        delay = line.milliseconds("cancel_after_ms")
        if delay is not None:
            options["cancel"] = token = koophone.CancelToken()
            if self.client_class is koophone.AsyncClient:
                asyncio.get_running_loop().call_later(delay, token.cancel)
            else:
                threading.Timer(delay, token.cancel).start()
        return options

    async def do_client(self, line):
        of_credentials = [name for name, _ in line.fields if name.startswith("credential.")]
        fields = {name.removeprefix("credential."): line.one(name) for name in of_credentials}
        settings = {name: value for name, value in line.fields if name not in of_credentials}
        credentials = koophone.Credentials(**fields) if fields else None
        self.client = self.client_class(credentials, environment={}, **settings)
        return {"ok": True}

    def arguments(self, line, call):
        """The arguments of an operation, whichever it is: those of its signature that the line has."""
        arguments = {}
        for name, parameter in inspect.signature(call).parameters.items():
            if name == "instance_ids":
                arguments[name] = line.all("instance_id")
            elif name not in OPTIONS and (text := line.one(name)) is not None:
                if text == "{}" and parameter.default is not parameter.empty:
                    continue  # an object without fields is the default
                read = TYPES.get(parameter.annotation)
                arguments[name] = read(text) if read else structures(json.loads(text), parameter.annotation)
        return arguments

    async def do_call(self, line):
        if line.words[1] == "stats":
            return {"stats": jsonable(self.client.stats())}
        call = getattr(self.client, line.words[1], None)
        if call is None:  # a verb of phones
            call = getattr(self.client.phones(line.all("instance_id")), line.words[1])
        value = await self.done(call(**self.arguments(line, call), **self.options(line, call)))
        if isinstance(value, koophone.Listing):
            return {"items": jsonable(list(value))}
        if isinstance(value, koophone.AsyncListing):
            return {"items": jsonable([one async for one in value])}
        if isinstance(value, koophone.Results):
            if line.one("raise_for_errors") == "true":
                value.raise_for_errors()
            return {"results": jsonable(value)}
        if isinstance(value, (koophone.Task, koophone.AsyncTask)):
            self.task = value
            return {"task": jsonable(value)}
        return {"ok": True} if value is None else {reply_of(value): jsonable(value)}

    async def do_task(self, line):
        what = line.words[1]
        if what == "poll":
            return {"status": jsonable(await self.done(self.task.poll(**self.options(line, self.task.poll))))}
        if what == "wait":
            progress = []
            results = await self.done(self.task.wait(on_progress=progress.append, **self.options(line, self.task.wait)))
            if line.one("raise_for_errors") == "true":
                results.raise_for_errors()
            return {"results": jsonable(results), "progress": jsonable(progress)}
        if what == "save":
            return {"saved": self.task.save()}
        self.task = self.client.resume_task(line.one("saved"))
        return {"task": jsonable(self.task)}

    async def do_emulator(self, line):
        with koophone.Emulator(**json.loads(line.one("options") or "{}")) as emulator:
            return {"endpoint": emulator.endpoint}


async def main():
    runner = Runner(koophone.AsyncClient if "--asyncio" in sys.argv[1:] else koophone.Client)
    # Nothing runs between two lines, so reading may block the loop.
    for text in sys.stdin:
        print(json.dumps(await runner.reply(Line(text.rstrip("\n")))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
