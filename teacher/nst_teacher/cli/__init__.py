"""The program nst-teacher."""
