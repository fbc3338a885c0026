"""The `koophone` command, also as ``python -m koophone``."""

import signal
import sys

from ._koophone import command


def main() -> int:
    """Runs the command line of this process and returns its exit code: 0, or the number of the error's kind."""
    # The command handles Ctrl-C itself. Python's handler would also raise KeyboardInterrupt.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return command(["koophone", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
