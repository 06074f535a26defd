"""The commands: options in, a view out; each is a thin layer over the library."""
