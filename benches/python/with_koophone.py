"""koophone's blocking client."""

from client import configuration
from harness import COMMAND, Arguments, measure
from koophone import Client

arguments = Arguments()

with Client(**configuration(arguments)) as client:
    if arguments.results:
        measure(arguments, lambda: client.run_command(arguments.ids, COMMAND))
    else:
        measure(arguments, lambda: client.query_status(arguments.ids))
