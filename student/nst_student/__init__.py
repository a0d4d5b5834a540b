"""The student: a tiny codec shared by all styles and a bank for each, trained by networks that judge, or from pairs."""


def main() -> int:
    """Run the command ``nst-student`` and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415 (importing the package loads nothing)

    return launch("nst_student.cli.app", "nst-student", "train")
