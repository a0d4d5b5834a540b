"""The program nst-features, one module a command."""
