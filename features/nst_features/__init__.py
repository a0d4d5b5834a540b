"""Feature networks and the statistics of style that teacher and student share.

Both sides judge pictures with the same networks but may not import each other, and the runtime beneath them
never imports torch; so what they share lives here.
"""


def main() -> int:
    """Run the program ``nst-features`` and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415 (libraries do not need it)

    return launch("nst_features.cli.app", "nst-features", "train")
