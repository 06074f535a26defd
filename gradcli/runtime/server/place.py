"""Where the server of this installation is found, and what makes two processes alike. Imported by every call.

Only what the interpreter has loaded anyway is imported here: a warm call is to take milliseconds.
"""

from __future__ import annotations

import os
import resource
import stat
import sys
from binascii import crc32

from gradcli.version import __version__

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LONGEST = 100  # bytes of a socket's path that every system takes

# Variables that a process reads when it starts, or that libraries read when they are loaded: a worker that was
# started with other ones does not behave as a plain run would.
STARTING = (
    "PYTHON", "LC_", "LANG", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "VECLIB_", "NUMEXPR_", "NPY_",
    "CUDA_", "NVIDIA_", "TORCH", "PYTORCH_", "ATEN_", "LD_", "DYLD_", "MALLOC_", "GLIBC_", "MPMATH_", "SYMPY_", "TZ",
)  # fmt: skip


class NoPlaceError(Exception):
    """There is no directory that is this user's alone."""


def directory() -> str:
    """The directory for sockets: the user's own, closed to everybody else.

    Raises NoPlaceError where the one that should be it belongs to another user or is open to others.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(given) and len(os.fsencode(given)) + len(_name("")) <= LONGEST and is_private(given):
        return given
    own = f"/tmp/gradcli-{os.getuid()}"  # noqa: S108  (checked below)
    try:
        os.mkdir(own, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise NoPlaceError(f"{own}: {error.strerror}") from error
    if not is_private(own):
        raise NoPlaceError(f"{own} is not a directory of this user alone")
    return own


def is_private(path: str) -> bool:
    """Whether this is a directory (not a link to one) that nobody else can enter."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def socket_path() -> str:
    """The socket of the server that this very installation would start."""
    return os.path.join(directory(), _name(identity()))


def lock_of(where: str) -> str:
    """The file that the server of a socket holds locked for life."""
    return where.removesuffix(".sock") + ".lock"


def holder(where: str) -> int | None:
    """The process that holds the lock of a server for life; None where nobody does."""
    import fcntl

    try:
        lock = os.open(lock_of(where), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return int(os.read(lock, 32) or 0) or None
    finally:
        os.close(lock)
    return None


def _name(identity: str) -> str:
    return f"gradcli-{__version__}-{crc32(identity.encode()):08x}.sock"


def identity() -> str:
    """What must be alike for two processes to give the same answers: interpreter, prefix, installed packages."""
    library = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = os.path.join(sys.prefix, "lib", library, "site-packages")
    parts = [__version__, sys.version, sys.prefix, PACKAGE, str(_changed(packages))]
    if not PACKAGE.startswith(packages):  # it runs from its own sources: they may change at any time
        parts.append(str(_newest(PACKAGE)))
    return "\n".join(parts)


def _changed(path: str) -> int:
    """When something was last added or removed there: an installed package changes its directory."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _newest(path: str) -> int:
    """When a source was last changed."""
    newest, stack = 0, [path]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    newest = max(newest, entry.stat().st_mtime_ns)
                elif entry.is_dir() and entry.name != "__pycache__":
                    stack.append(entry.path)
    return newest


def start_state() -> bytes:
    """What a process was started with, as far as its behaviour may depend on it."""
    variables = sorted(
        (name, value) for name, value in os.environ.items() if name.startswith(STARTING) and name not in _OWN
    )
    options = (tuple(sys.flags), sys.warnoptions, sorted(sys._xoptions.items()))
    return os.fsencode(repr((identity(), variables, options, _limits())))


def _limits() -> list[tuple[int, int]]:
    """The system's limits on this process: a server that was started with other ones would not keep them."""
    return [resource.getrlimit(one) for one in _LIMITS]


_LIMITS = (
    resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC, resource.RLIMIT_STACK,
)  # fmt: skip
_OWN = frozenset(("PYTHONDONTWRITEBYTECODE",))  # no answer depends on it
