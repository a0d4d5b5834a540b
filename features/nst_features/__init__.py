"""Feature networks and the statistics of style that teacher and student share.

Both sides judge pictures with the same networks but may not import each other, and the runtime beneath them
never imports torch; so what they share lives here.
"""
