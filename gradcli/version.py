"""The version, for everybody: the package's door, the answers, the server."""

__version__ = "0.1.0"
