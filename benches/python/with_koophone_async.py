"""koophone's client for asyncio."""

import asyncio

from client import Making, configuration
from harness import COMMAND, Arguments, measure_async
from koophone import AsyncClient

arguments = Arguments()


async def main():
    if arguments.clients:
        made = Making(arguments, AsyncClient)
        for client in made.clients if arguments.calls else []:
            await client.query_status(arguments.ids)
        return made.report()
    async with AsyncClient(**configuration(arguments)) as client:
        if arguments.results:
            await measure_async(arguments, lambda: client.run_command(arguments.ids, COMMAND))
        else:
            await measure_async(arguments, lambda: client.query_status(arguments.ids))


asyncio.run(main())
