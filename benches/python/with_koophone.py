"""koophone's blocking client."""

from client import Making, configuration
from harness import COMMAND, Arguments, measure
from koophone import Client

arguments = Arguments()

if arguments.clients:
    made = Making(arguments, Client)
    for client in made.clients if arguments.calls else []:
        client.query_status(arguments.ids)
    made.report()
else:
    with Client(**configuration(arguments)) as client:
        if arguments.results:
            measure(arguments, lambda: client.run_command(arguments.ids, COMMAND))
        else:
            measure(arguments, lambda: client.query_status(arguments.ids))
