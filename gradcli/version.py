"""The version, for the package, the answers and the server."""

__version__ = "0.1.0"
