"""Warm workers behind a private socket, and the client that hands a call over to one of them."""
