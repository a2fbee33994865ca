"""Which of the names that a list gives are taken."""

from pathlib import Path

import pytest

from ecgcore.errors import DownloadError
from tests.records.download.published import ROOT, fetch, names, sums
from tests.records.file_server import FileServer


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil", "evil\x00", "..", "./../evil"],
)  # fmt: skip
def test_names_that_lead_elsewhere_refuse_the_whole_list(
    server: FileServer, folder: Path, published, name: str
) -> None:
    server.files[ROOT + "SHA256SUMS.txt"] = sums(published | {name: b"evil"})
    with pytest.raises(DownloadError, match="nothing was fetched"):
        fetch(server, folder)
    assert names(folder) == set()
    assert [p.name for p in folder.parent.iterdir()] == ["svdb"]


@pytest.mark.parametrize(
    "name", [".old/page.shtml", ".ssh/evil", ".download/lock", "CON", "a//b", "what?.html", "a."]
)
def test_hidden_and_odd_names_are_left_out(
    server: FileServer, folder: Path, published, name: str
) -> None:
    listed = {n: d for n, d in published.items() if n != "RECORDS"}  # so that all are wanted
    server.files[ROOT + "SHA256SUMS.txt"] = sums(listed | {name: b"odd"})
    fetch(server, folder)
    assert names(folder) == {*listed, "SHA256SUMS.txt"}
    assert not (folder / name).is_file() or name == ".download/lock"


@pytest.mark.parametrize("text", [b"", b"\n \n", b"<html>Log in</html>", b"\xff\xfe\x00garbage"])
def test_list_that_is_none(server: FileServer, folder: Path, text: bytes) -> None:
    server.files[ROOT + "SHA256SUMS.txt"] = text
    with pytest.raises(DownloadError, match="nothing was fetched"):
        fetch(server, folder)


def test_link_out_of_the_folder_is_not_followed(
    server: FileServer, folder: Path, published, tmp_path: Path
) -> None:
    from ecgcore.errors import EcgError

    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder.mkdir(parents=True)
    (folder / "800.dat").symlink_to(victim)
    with pytest.raises(EcgError, match="leads out of"):
        fetch(server, folder)
    assert victim.read_bytes() == b"precious"


def test_without_records_every_file_is_fetched(server: FileServer, folder: Path, published) -> None:
    listed = {n: d for n, d in published.items() if n != "RECORDS"}
    server.files[ROOT + "SHA256SUMS.txt"] = sums(listed)
    fetch(server, folder)
    assert names(folder) == {*listed, "SHA256SUMS.txt"}
