"""koophone's client for asyncio."""

import asyncio

from client import configuration
from harness import COMMAND, Arguments, measure_async
from koophone import AsyncClient

arguments = Arguments()


async def main():
    async with AsyncClient(**configuration(arguments)) as client:
        if arguments.results:
            await measure_async(arguments, lambda: client.run_command(arguments.ids, COMMAND))
        else:
            await measure_async(arguments, lambda: client.query_status(arguments.ids))


asyncio.run(main())
