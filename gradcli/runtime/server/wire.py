"""What client and server say to each other: HELLO, then marks of one byte, and after GIVEN one request.

    request   length, then fields that end with a zero byte: start state, umask, number of arguments, arguments,
              environment; with it the descriptors of stdin, stdout, stderr and the working directory
    HELLO     a client is there: who says nothing gets no worker
    WAITING   all workers are busy; said twice a second
    GIVEN     the request goes to a worker; its process id follows, in eight bytes
    ALIVE     a worker has the request; its process id follows, in eight bytes
    BUSY      it begins to read the client's input or to write: from now on the call cannot be made again
    DONE      the exit code follows, in one byte
    PLAIN     this call should be a plain run

The interpreter's own modules are used directly: `socket` alone would take as long as the rest of the client.
"""

from __future__ import annotations

import _socket
import os
import struct

TYPE_CHECKING = False  # importing typing would take as long as the rest
if TYPE_CHECKING:
    from typing import Any

HELLO = b"?"
WAITING, GIVEN, ALIVE, BUSY, DONE, PLAIN = b"w", b"g", b"a", b"b", b"d", b"p"
LENGTH = 8
MAX_REQUEST = 8 << 20  # bytes: more than any system lets a command line be
DESCRIPTORS = 4


class CallRequest:
    """One call of gradcli."""

    def __init__(self, state: bytes, umask: int, args: list[str], environment: dict[bytes, bytes]) -> None:
        self.state = state
        self.umask = umask
        self.args = args
        self.environment = environment


def pack(request: CallRequest) -> bytes:
    """A request as bytes."""
    fields = [request.state, b"%d" % request.umask, b"%d" % len(request.args), *map(os.fsencode, request.args)]
    fields += [name + b"=" + value for name, value in request.environment.items()]
    body = b"".join(field.replace(b"\0", b"") + b"\0" for field in fields)
    return len(body).to_bytes(LENGTH, "big") + body


def unpack(body: bytes) -> CallRequest:
    """The request that these bytes say.

    Raises ValueError where they say none.
    """
    state, umask, count, *rest = body.split(b"\0")[:-1]
    args = [os.fsdecode(arg) for arg in rest[: int(count)]]
    pairs = (pair.partition(b"=") for pair in rest[int(count) :])
    return CallRequest(state, int(umask), args, {name: value for name, _, value in pairs})


def send(connection: Any, data: bytes, descriptors: list[int]) -> None:
    """Send everything; the descriptors go with the first piece."""
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack(f"{len(descriptors)}i", *descriptors))]
    sent = connection.sendmsg([data], rights)
    if sent < len(data):  # the answer may have come and the worker gone by now
        connection.sendall(data[sent:])


def receive(connection: Any) -> tuple[bytes, list[int]]:
    """A request's bytes and its descriptors.

    Raises ValueError where what comes is none, EOFError where the other side has gone.
    """
    data, descriptors = with_descriptors(connection, 1 << 16, DESCRIPTORS)
    if not data:
        raise EOFError
    data += exactly(connection, max(0, LENGTH - len(data)))
    length = int.from_bytes(data[:LENGTH], "big")
    if length > MAX_REQUEST:
        raise ValueError(length)
    return data[LENGTH:] + exactly(connection, length + LENGTH - len(data)), descriptors


def with_descriptors(connection: Any, length: int, count: int) -> tuple[bytes, list[int]]:
    """Up to so many bytes, and the descriptors that come with them."""
    data, ancillary, _, _ = connection.recvmsg(length, _socket.CMSG_SPACE(count * struct.calcsize("i")))
    descriptors: list[int] = []
    for level, kind, piece in ancillary:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
            there = len(piece) // struct.calcsize("i")
            descriptors += struct.unpack(f"{there}i", piece[: there * struct.calcsize("i")])
    return data, descriptors


def exactly(connection: Any, count: int) -> bytes:
    """So many bytes.

    Raises EOFError where the other side goes before they have come.
    """
    data = b""
    while len(data) < count:
        piece = connection.recv(min(count - len(data), 1 << 16))
        if not piece:
            raise EOFError
        data += piece
    return data


def _linux_peer(connection: Any) -> tuple[int, int, int]:
    """The process on the other side, its user and its group."""
    process, user, group = struct.unpack("3i", connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))
    return process, user, group


def peer(connection: Any) -> int:
    """The process that listens on the other side; 0 where the system does not tell."""
    return _linux_peer(connection)[0] if hasattr(_socket, "SO_PEERCRED") else 0


def is_stopped(process: int, otherwise: bool) -> bool:
    """Whether a signal has stopped a process; what to say where the system does not tell."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
    except OSError:
        return otherwise


def same_user(connection: Any) -> bool:
    """Whether the other side of a connection is a process of this user."""
    if hasattr(_socket, "SO_PEERCRED"):
        return bool(_linux_peer(connection)[1] == os.getuid())
    # macOS: LOCAL_PEERCRED of SOL_LOCAL gives a struct xucred: version, user, ...
    _, user = struct.unpack("2I", connection.getsockopt(0, 1, 76)[:8])
    return bool(user == os.getuid())
