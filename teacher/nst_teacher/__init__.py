"""The teacher: Gatys optimisation, which makes the pairs that the student learns from."""


def main() -> int:
    """Run the command line and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415

    return launch("nst_teacher.cli.app", "nst-teacher", "train")
