"""Sessions as the process has them: threads, memory, telemetry, and processes that are forked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

COUNT = "count = lambda: len(os.listdir('/proc/self/task'))\nbefore = count()\n"
OPEN = "session = Session(scaling, gain, settings, 'x')\n"
RUN = (
    "run = lambda: session.run({'image': np.ones((1, 2, 200, 200), np.float32)}, ['scaled'])[0][0, :, 0, 0].tolist()\n"
)
# A forked child that hangs is killed by its alarm, and the parent prints the signal.
FORKED = (
    OPEN
    + RUN
    + "assert run() == [2, -3]\n"
    + "import signal\n"
    + "def forked(work):\n"
    + "    child = os.fork()\n"
    + "    if child == 0:\n"
    + "        signal.alarm(20)\n"
    + "        work()\n"
    + "        sys.exit(7)\n"
    + "    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
)


@LINUX
@pytest.mark.parametrize(("threads", "more"), [("1", 0), ("3", 2), ("None", 0)])
def test_threads_are_what_is_asked_for_and_by_default_what_the_mask_allows(
    run_child: Run, threads: str, more: int
) -> None:
    code = "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nsessions.load_onnxruntime()\n" + COUNT
    code += f"session = Session(scaling, gain, RunSettings('cpu', {threads}), 'x')\n"
    done = run_child(code + "print(session.threads, count() - before)")
    assert done.stdout.split() == [str(more + 1), str(more)], done.stderr


@LINUX
def test_sessions_share_their_memory(run_child: Run) -> None:
    code = (
        "peak = lambda: int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) // 1024\n"
        "first, second = (Session(wide, {}, settings, 'wide') for _ in range(2))\n"
        "image = np.ones((1, 1, 256, 256), np.float32)\n"  # 64 MB of planes
        "at_first = peak(); first.run({'image': image}); once = peak(); second.run({'image': image})\n"
        "print(sessions._process.shares_memory(sessions.load_onnxruntime()), once - at_first, peak() - once)"
    )
    done = run_child(code)
    shares, once, again = done.stdout.split()
    if shares == "False":
        pytest.skip("this onnxruntime has no arena to share")
    assert int(once) >= 60, done.stderr
    assert int(again) <= 10


@LINUX
def test_too_little_memory_is_said_so_and_the_session_lives_on(run_child: Run) -> None:
    code = (
        "import resource; session = Session(wide, {}, RunSettings('cpu', 1), 'wide')\n"
        "session.run({'image': np.ones((1, 1, 64, 64), np.float32)})\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**28,) * 2)\n"
        "try:\n"
        "    session.run({'image': np.ones((1, 1, 1024, 1024), np.float32)})\n"
        "except sessions.NstError as error:\n"
        "    print(type(error).__name__, error, sep='|')\n"
        "print(session.run({'image': np.full((1, 1, 64, 64), 5, np.float32)})[0].mean())"
    )
    done = run_child(code)
    message = "not enough memory for a picture of this size (1×1×1024×1024 values)"
    assert done.stdout.splitlines() == [f"NstError|{message}; make the picture smaller", "5.0"], done.stderr


@LINUX
def test_telemetry_writes_nothing(run_child: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = OPEN + RUN + "print(run(), os.environ['ORT_DISABLE_TELEMETRY'])"
    places = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR")}
    done = run_child("del os.environ['ORT_DISABLE_TELEMETRY']\n" + code, ORT_DISABLE_TELEMETRY="", **places)
    assert done.stdout == "[2.0, -3.0] 1\n", done.stderr
    assert list(home.rglob("*")) == []


def test_an_app_that_imports_onnxruntime_itself_leaves_nothing(tmp_path: Path) -> None:
    """Where it imports the Stylizer before, as imports are sorted by most."""
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"), str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | places
    code = "from nst_runtime import Stylizer; import onnxruntime; Stylizer.load(threads=1)"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("value", ["0", ""])
def test_who_has_set_telemetry_keeps_the_setting(run_child: Run, tmp_path: Path, value: str) -> None:
    code = "sessions.load_onnxruntime(); print(repr(os.environ['ORT_DISABLE_TELEMETRY']))"
    done = run_child(code, ORT_DISABLE_TELEMETRY=value, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    assert done.stdout.strip() == repr(value), done.stderr


@FORK
@pytest.mark.parametrize(
    "work",
    [
        "lambda: os._exit(run() != [2, -3])",
        "lambda: sys.exit(run() != [2, -3])",
        "lambda: sys.exit(0)",  # it never uses the session, which must not be deleted at the exit
        "lambda: (globals().pop('session'), sys.exit(0))",
        "lambda: sys.exit(forked(lambda: sys.exit(run() != [2, -3])) or run() != [2, -3])",
        "lambda: sys.exit(Session(scaling, gain, settings, 'y').device != 'cpu')",
    ],
)
def test_a_session_runs_in_a_forked_process(run_child: Run, work: str) -> None:
    done = run_child(FORKED + f"print(forked({work}), run())")
    assert done.stdout == "0 [2.0, -3.0]\n", done.stderr


@FORK
def test_many_threads_of_a_forked_process_open_it_once(run_child: Run) -> None:
    code = (
        "opened = []\n"
        "def child():\n"
        "    begin, found = threading.Barrier(4), []\n"
        "    real = Session._open\n"
        "    Session._open = lambda self: opened.append(1) or time.sleep(0.2) or real(self)\n"
        "    def use(): begin.wait(); found.append(run())\n"
        "    threads = [threading.Thread(target=use) for _ in range(4)]\n"
        "    [thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
        "    sys.exit(found != [[2, -3]] * 4 or len(opened))\n"
        "print(forked(child), len(opened))"
    )
    done = run_child(FORKED + code)
    assert done.stdout == "1 0\n", done.stderr


@FORK
def test_a_process_forked_while_another_thread_opens_and_runs_sessions_does_not_hang(run_child: Run) -> None:
    code = (
        "stop = threading.Event()\n"
        "def work():\n"
        "    while not stop.is_set():\n"
        "        Session(scaling, gain, settings, 'y').run(image)\n"
        "def hold():\n"
        "    with sessions._process.lock:\n"
        "        held.set(); stop.wait()\n"
        "held = threading.Event()\n"
        "threads = [threading.Thread(target=work), threading.Thread(target=hold)]\n"
        "threads[1].start(); held.wait(); threads[0].start()\n"
        "codes = [forked(lambda: os._exit(run() != [2, -3])) for _ in range(5)]\n"
        "stop.set(); print(codes)"
    )
    done = run_child(FORKED + code)
    assert done.stdout == "[0, 0, 0, 0, 0]\n", done.stderr
