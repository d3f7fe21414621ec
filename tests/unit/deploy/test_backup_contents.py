"""A backup knows what it was to hold: what was cut is finished or refused, never taken for whole."""

from pathlib import Path

import pytest

from deploy.backup.contents import begin, whole
from deploy.backup.manifest import NAME
from deploy.launcher.trouble import Trouble


def _taken(root: Path, *parts: str) -> None:
    for part in parts:
        (root / part).mkdir(parents=True)
        (root / part / NAME).touch()


def test_a_whole_one_says_what_it_holds_and_what_never_ran(tmp_path: Path) -> None:
    root = tmp_path / "new"
    assert begin(root, ["dust", "files"], ["coal"]) == ["dust", "files"]
    _taken(root, "dust", "files")
    held = whole(root)
    assert (held.parts, held.never_ran) == (("dust", "files"), ("coal",))


def test_one_that_was_cut_is_refused_until_the_same_command_finished_it(tmp_path: Path) -> None:
    begin(tmp_path, ["dust", "mobile", "files"], [])
    _taken(tmp_path, "dust")
    with pytest.raises(Trouble, match=r"lacks mobile, files\. .*restore of it: dust\."):
        whole(tmp_path)
    assert begin(tmp_path, ["dust", "mobile", "files"], []) == ["mobile", "files"]
    _taken(tmp_path, "mobile", "files")
    assert whole(tmp_path).parts == ("dust", "mobile", "files")


def test_none_that_came_to_its_end_is_overwritten(tmp_path: Path) -> None:
    begin(tmp_path, ["dust"], [])
    _taken(tmp_path, "dust")
    for parts in (["dust"], ["dust", "mobile"]):
        with pytest.raises(Trouble, match="dust is there already"):
            begin(tmp_path, parts, [])
    assert whole(tmp_path).parts == ("dust",)


def test_another_part_may_join_it(tmp_path: Path) -> None:
    begin(tmp_path, ["dust"], ["files"])
    _taken(tmp_path, "dust")
    assert begin(tmp_path, ["files"], []) == ["files"]
    # Cut again: what is finished by a command is what that command named.
    with pytest.raises(Trouble, match="dust is there already"):
        begin(tmp_path, ["dust"], [])
    _taken(tmp_path, "files")
    assert (whole(tmp_path).parts, whole(tmp_path).never_ran) == (("dust", "files"), ())


@pytest.mark.parametrize("held", [(), ("dust",)])
def test_a_folder_without_contents_is_not_taken_for_a_backup(
    tmp_path: Path, held: tuple[str, ...]
) -> None:
    _taken(tmp_path, *held)
    with pytest.raises(Trouble, match="name those to restore" if held else "it is no backup"):
        whole(tmp_path)


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "contents.json").write_text('{"format": 2}')
    for use in (lambda: whole(tmp_path), lambda: begin(tmp_path, ["dust"], [])):
        with pytest.raises(Trouble, match="damaged, or of a newer version"):
            use()
