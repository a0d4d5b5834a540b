"""What all four programs have in common."""

import subprocess
import sys

import pytest

from nst_runtime import __version__


@pytest.mark.parametrize("program", ["nst-runtime", "nst-teacher", "nst-student", "nst-export"])
def test_version(program: str) -> None:
    """At once, without torch."""
    package = program.replace("-", "_")
    code = f"import sys, {package}; sys.argv = [{program!r}, *sys.argv[1:]]; code = {package}.main()"
    code += "; sys.exit('torch' in sys.modules or code)"
    done = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program} {__version__}\n", "")
