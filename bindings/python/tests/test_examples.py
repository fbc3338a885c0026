"""Every example in the documentation runs, and every public callable has one or says where it is shown."""

import doctest
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import koophone

MODULES = [f"koophone.{module.name}" for module in pkgutil.iter_modules(koophone.__path__)] + ["koophone"]


def examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    native = [koophone.Credentials, koophone.VideoSettings]
    found = [test for name in MODULES for test in finder.find(import_module(name), name)]
    found += [test for one in native for test in finder.find(one, one.__name__, module=False, globs={})]
    return [test for test in found if test.examples]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_example(example):
    report = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


def test_every_operation_has_an_example():
    tested = {example.name for example in examples()}
    for client in (koophone.Client, koophone.AsyncClient):
        # A page is the other form of a list.
        names = [name for name in vars(client) if name[0] != "_" and name != "aclose" and not name.endswith("_page")]
        assert "run_command" in names
        assert {f"{client.__module__}.{client.__name__}.{name}" for name in names} <= tested


@pytest.mark.parametrize("name", [name for name in dir(koophone.Client) if not name.startswith("_")])
def test_the_two_clients_have_the_same_methods(name):
    one, other = getattr(koophone.Client, name), getattr(koophone.AsyncClient, name)
    assert list(inspect.signature(one).parameters) == list(inspect.signature(other).parameters)


def test_the_first_program_of_the_readme_runs(capsys):
    text = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    exec(compile(program, "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) >= 8
