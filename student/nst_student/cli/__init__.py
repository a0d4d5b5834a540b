"""The program nst-student."""
