"""names: what may be a file's name, and that nothing leads out of its folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.records.names import inside, is_plain_name, is_record_name

BAD = [
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a\0b",
    "CON",
    "con.hea",
    "nul",
    "COM1.dat",
    "a:b",
    "a\nb",
    "a.",
    "a ",
]


@pytest.mark.parametrize("name", BAD)
def test_refused_names(name: str) -> None:
    assert not is_plain_name(name)


@pytest.mark.parametrize(
    "name", ["100", "rec_1.dat", "심전도", "Größe.dat", "a b", "console", "x.y.z"]
)
def test_welcome_names(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a//b", "a/../b", "Person_01/CON", "a/\0"])
def test_refused_record_names(name: str) -> None:
    assert not is_record_name(name)


@given(st.text(max_size=20))
def test_a_record_name_stays_under_its_root(name: str) -> None:
    root = Path("/somewhere/root")
    if is_record_name(name):
        assert (root / name).resolve().is_relative_to(root)


def test_links_are_followed_only_inside(tmp_path: Path) -> None:
    root = tmp_path / "db"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "real").write_text("y")
    (root / "good").symlink_to(root / "real")
    (root / "bad").symlink_to(tmp_path / "secret")
    assert inside(root, root / "good") == (root / "real").resolve()
    for name in ("bad", "../secret"):
        with pytest.raises(RecordError, match="leads out of the folder db"):
            inside(root, root / name)
    (tmp_path / "link").symlink_to(root)  # the root itself may be a link
    assert inside(tmp_path / "link", tmp_path / "link" / "real").is_file()
