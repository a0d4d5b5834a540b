"""The export: checkpoints of the student to the style pack that the runtime loads."""


def main() -> int:
    """Run the command ``nst-export`` and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415 (importing the package loads nothing)

    return launch("nst_export.cli.app", "nst-export", "train")
