"""The network is off: a socket to anywhere but this machine raises, in the tests and in each kernel they start.

Python imports a module of this name at its start; the tests put this folder on PYTHONPATH.
"""

import sys
from typing import Any

LOCAL = ("localhost", "127.", "::1", "0.0.0.0", "::ffff:127.")
_on = False


class NetworkUsed(RuntimeError):
    """Something tried to leave this machine."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None       # a str is a socket file on this machine
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and host and not host.startswith(LOCAL):
        raise NetworkUsed(f"the tests run without a network, and something asked for {host}")


def stay_offline() -> None:
    """Refuse the network for the rest of this process."""
    global _on
    if not _on:
        _on = True
        sys.addaudithook(_refuse)


stay_offline()
