"""The sources for Android: the Kotlin compiler takes them, and they do what they say, on stand-ins for Android.

`android/stubs` declares what the sources use of Android, CameraX and onnxruntime's Java library, as it is documented.
The compiler is that of `kotlinc` on the path, or of npm: `npm install --no-save kotlin-compiler` in this folder.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = sorted((HERE.parents[1] / "examples" / "mobile" / "android").glob("*.kt"))
STUBS = sorted((HERE / "android" / "stubs").rglob("*.java"))
COMPILER = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compiler() -> Path:
    """Return the folder of the compiler's libraries."""
    program = shutil.which("kotlinc")
    folders = [Path(os.path.realpath(program)).parents[1] / "lib"] if program else []
    for folder in [*folders, HERE / "node_modules" / "kotlin-compiler" / "lib"]:
        if (folder / "kotlin-compiler.jar").is_file():
            return folder
    pytest.skip("the Kotlin compiler is not there")


@pytest.fixture(scope="module")
def compiled(compiler: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the class path of the compiled sources, in which a warning is an error."""
    if shutil.which("javac") is None:
        pytest.skip("javac is not there")
    stubs, out = tmp_path_factory.mktemp("stubs"), tmp_path_factory.mktemp("kotlin")
    _run("javac", "-d", stubs, *STUBS)
    library = compiler / "kotlin-stdlib.jar"
    options = ("-no-stdlib", "-no-reflect", "-Werror", "-jvm-target", "1.8", "-cp", f"{stubs}:{library}", "-d", out)
    _run("java", "-cp", compiler / "*", COMPILER, *options, *SOURCES, HERE / "android" / "Check.kt")
    return f"{out}:{stubs}:{library}"


def _run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_compile_and_do_what_they_say(compiled: str) -> None:
    assert _run("java", "-cp", compiled, "styles.CheckKt").splitlines() == [
        "levels true 16x16",
        "clipped true",
        "scaled [0, 8]",
        "best 2",  # of the graph that doubles: the first that starts
        "none FileNotFoundException",
        "none OrtException",
        "open 0 0",  # sessions, options
        "shown [[2, 1], [2, 1]]",  # upright; no style at first, a missing one leaves the old one
        "told [none, the graph does not run, not a graph: ?]",
        "frames true",
        "ended true 0 0",
        "closed true 0 0",
        "later frames are refused",
        "uncaught []",
    ]
