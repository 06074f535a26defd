"""What every command needs to be read and typed: options, the console, wrapping, numbers, arrays, errors."""
