"""The packages of npm that the tests of other languages need."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "stylize.mjs", "xnnpack.mjs")
# The scripts of the package only fetch CUDA's libraries, some 300 MB.
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=60000")
INSTALL_S = 180
OUR_FAULTS = ("EUSAGE", "EINTEGRITY", "ETARGET")  # package.json and its lock do not fit each other, or the registry


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Return a folder with the script and what it imports, from the npm registry or from an `npm ci` done here."""
    if shutil.which("node") is None:
        pytest.skip("node is not there")
    if (HERE / "node_modules").is_dir():
        yield HERE
        return
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not there, and tests/reference/node_modules neither")
    with tempfile.TemporaryDirectory() as temporary:
        for name in FILES:
            shutil.copy(HERE / name, temporary)
        _install(npm, temporary)
        yield Path(temporary)


def _install(npm: str, folder: str) -> None:
    command = [npm, *INSTALL]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm ci took more than {INSTALL_S} s")
    assert not any(fault in done.stderr for fault in OUR_FAULTS), done.stderr
    if done.returncode:
        pytest.skip(f"npm ci failed: {done.stderr.partition(chr(10))[0]}")
