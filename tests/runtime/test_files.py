import errno
import os
import stat
from pathlib import Path

import pytest

from nst_runtime.contracts.files import (
    check_sha256,
    is_relative_name,
    parse_json,
    path_inside,
    read_json,
    replacing,
    sha256_of_bytes,
    sha256_of_file,
    write_json,
    write_text,
)
from nst_runtime.errors import NstError, PackError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("fault", [ValueError("stop"), KeyboardInterrupt(), NstError("stop")])
def test_a_fault_leaves_the_old_file_and_nothing_else(tmp_path: Path, fault: BaseException) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(type(fault)), replacing(target) as temporary:
        temporary.write_text("half")
        raise fault
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
    assert target.read_text() == "old"


def test_the_old_file_stays_until_the_end_and_parents_are_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.txt"
    write_text(target, "old")
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == target.parent
    assert target.read_text() == "new"


def test_files_reach_the_disk_before_they_take_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file.txt"
    seen: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append((os.fstat(handle).st_size, target.exists())))
    write_text(target, "twelve bytes")
    assert seen == [(12, False)]


def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    write_text(tmp_path / "file.txt", "old")
    with (tmp_path / "file.txt").open() as reader:
        write_text(tmp_path / "file.txt", "new")
        assert reader.read() == "old"


def test_rights_and_links_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_new_files_have_the_usual_rights(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "file.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_faults_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NstError, match=message):
        write_text(target, "new")
    assert target.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_write_protected_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file.txt").write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(NstError, match="no permission"):
        write_text(tmp_path / "file.txt", "new")
    assert (tmp_path / "file.txt").read_text() == "old"


def test_targets_that_are_not_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NstError, match=r"is a folder; give a file name, such as .*/result"):
        write_text(tmp_path, "x")
    with pytest.raises(NstError, match="a part of its path is a file"):
        write_text(tmp_path / "file" / "below", "x")
    with pytest.raises(NstError, match="not a regular file"):
        write_text(Path(os.devnull), "x")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_json_comes_back_and_looks_as_agreed(tmp_path: Path) -> None:
    content = {"z": [1, 2.5, None, True], "a": "Große Welle"}
    write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    assert (tmp_path / "x.json").read_text().startswith('{\n  "z": [\n    1,')
    assert (tmp_path / "x.json").read_text().endswith('"Große Welle"\n}\n')


def test_json_has_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", float("nan"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[1, NaN]", "[-Infinity]", '{"a": 1, "a": 2}', "[" * 100_000, "1" * 5000, '"\\', "\udcff", "1 2"),
        *("1e999", "[-1e400]", r'"\ud800"', r'{"\udfff": 1}', r'["\udc00\ud800"]'),
    ],
)
def test_what_is_not_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(NstError, match=r"x\.json is not valid JSON \(.+\); make it again") as caught:
        read_json(tmp_path / "x.json")
    assert "\n" not in str(caught.value)


def test_json_that_is_missing_a_folder_or_too_large(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1, 2, 3]")
    assert read_json(tmp_path / "x.json", limit_bytes=9) == [1, 2, 3]
    with pytest.raises(NstError, match="larger than 8 bytes"):
        read_json(tmp_path / "x.json", limit_bytes=8)
    with pytest.raises(NstError, match="no file"):
        read_json(tmp_path / "y.json")
    with pytest.raises(NstError, match="Is a directory"):
        read_json(tmp_path)


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of_bytes(b"abc") == sha256_of_file(tmp_path / "x") == ABC
    with pytest.raises(NstError, match="no file"):
        sha256_of_file(tmp_path / "y")
    with pytest.raises(NstError, match="cannot read"):
        sha256_of_file(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a\\b",
        "C:x",
        "C:/x",
        "//host/x",
        "link/x",
        "a\0b",
        ".",
        "x" * 256,
        "\ud800",
    ],
)
def test_paths_that_leave_the_folder_or_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "link").symlink_to(tmp_path)
    with pytest.raises(PackError, match="outside"):
        path_inside(tmp_path / "pack", name)


def test_paths_inside(tmp_path: Path) -> None:
    assert path_inside(tmp_path, "styles/waves.safetensors") == tmp_path / "styles" / "waves.safetensors"
    assert is_relative_name("Große Wellen/x" + "y" * 200)


def test_a_link_to_itself_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("x")
    assert not path_inside(tmp_path, "x").exists()


def test_a_link_itself_can_be_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with replacing(link, follow_links=False) as temporary:
        temporary.write_text("new")
    assert (link.is_symlink(), link.read_text(), real.read_text()) == (False, "new", "old")


@pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, f"{'a' * 64}\n"])
def test_what_is_not_a_sha256(text: str) -> None:
    check_sha256(ABC, "0" * 64)
    with pytest.raises(ValueError, match="is not a sha256 in hex"):
        check_sha256(ABC, text)


def test_json_text_names_where_it_is_from() -> None:
    assert parse_json(b'{"a": [1e3, null]}', "x") == {"a": [1000.0, None]}
    assert parse_json(rb'["\ud83d\ude00\n", "\\ud800"]', "x") == ["😀\n", "\\ud800"]
    with pytest.raises(NstError, match=r"^the head of x is not valid JSON \(a key comes twice\); make it again$"):
        parse_json(b'{"a": 1, "a": 1}', "the head of x")
