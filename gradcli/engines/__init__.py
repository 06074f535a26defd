"""The engines: tapes, derivatives, and the three witnesses."""
