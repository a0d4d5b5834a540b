"""The program nst-runtime, one module a command."""
