"""Projects as one file, on the command line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_there_and_back(imvar, project, files):
    place = project.parent
    said = imvar("pack", "p.imvar", "--out", "p.imvarz", cwd=place)
    assert (said.code, said.err) == (0, "")
    first, second = said.out.splitlines()
    assert re.fullmatch(r"The package is p\.imvarz \(\d+ [kM]?B\)\.", first)
    assert second == "Unpack it with: imvar unpack p.imvarz"
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tq", place / "p.imvarz"], check=True, capture_output=True)
    (place / "elsewhere").mkdir()
    said = imvar("unpack", "../p.imvarz", cwd=place / "elsewhere")
    assert (said.code, said.err) == (0, "")
    assert said.out == "The project is p.imvar.\nGo on with: imvar render p.imvar\n"
    found, wanted = files(place / "elsewhere" / "p.imvar"), files(project)
    assert found == {name: wanted[name] for name in found}
    assert set(found) == {"project.json", "assets", *(n for n in wanted if n[:7] == "assets/")}


def test_for_programs(here, project):
    said = here("pack", "p.imvar", "--out", "p.imvarz", "--json")
    told = said.only("packed")
    size = (project.parent / "p.imvarz").stat().st_size
    assert told == {"event": "packed", "package": "p.imvarz", "bytes": size}
    progress = [each for each in said.events if each["event"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"]
    assert {each["phase"] for each in progress} == {"packing"}
    told = here("unpack", "p.imvarz", "--out", "q.imvar", "--json").only("unpacked")
    assert told["project"] == str(project.parent / "q.imvar")


def test_without_a_name_it_has_the_projects_and_the_time(here, project):
    assert here("pack", "p.imvar").code == 0
    (package,) = project.parent.glob("*.imvarz")
    assert re.fullmatch(r"p-\d{8}-\d{6}\.imvarz", package.name)


def test_a_render_goes_on_elsewhere(film, here, tmp_path):
    assert here("pack", film.project, "--with-frames", "--out", tmp_path / "a.imvarz").code == 0
    shown = here("unpack", tmp_path / "a.imvarz", "--out", tmp_path / "b.imvar")
    assert shown.code == 0
    said = here(
        "render", tmp_path / "b.imvar", "--out", tmp_path / "b.mp4", *film.options, "--json"
    )
    assert said.only("estimate")["pictures"] == 0
    assert said.only("finished")["encoded"] is False
    assert (tmp_path / "b.mp4").read_bytes() == film.out.read_bytes()


def test_nothing_is_overwritten_unasked(refused, here, project):
    here("pack", "p.imvar", "--out", "p.imvarz")
    says = refused("pack", "p.imvar", "--out", "p.imvarz")
    assert says == "p.imvarz exists: give another name, or --overwrite"
    assert here("pack", "p.imvar", "--out", "p.imvarz", "--overwrite").code == 0
    assert refused("unpack", "p.imvarz") == "p.imvar exists: give another name with --out"
    assert refused("pack", "p.imvar", "--out", "p.imvar", "--overwrite").startswith(
        "p.imvar exists"
    )


def test_an_asset_that_is_damaged_is_named(refused, project):
    (asset,) = (project / "assets").iterdir()
    asset.write_bytes(asset.read_bytes()[:-1] + b"?")
    says = refused("pack", "p.imvar", "--out", "p.imvarz")
    assert says.startswith("the asset waves.png is damaged, its content has changed: add waves")


def test_a_hostile_package(refused, here, project):
    here("pack", "p.imvar", "--out", "p.imvarz")
    with zipfile.ZipFile("p.imvarz", "a") as archive:
        archive.writestr("../evil.txt", b"evil")
    assert refused("unpack", "p.imvarz", "--out", "q.imvar") == (
        "p.imvarz has a member '../evil.txt' that would lie outside the project: "
        "unpack only packages whose maker you know"
    )


def test_what_is_no_package(refused, project):
    project.with_name("a.imvarz").write_bytes(b"text")
    assert refused("unpack", "a.imvarz") == (
        "a.imvarz is damaged, or no package: pack the project again, or get the file again"
    )
    assert refused("unpack", "gone.imvarz").startswith("cannot read gone.imvarz, there is no such")
    assert refused("unpack", "p.imvar", "--out", "q").startswith("p.imvar is not a package: give a")


def test_ctrl_c_leaves_nothing_behind(begin, project: Path):
    place = project.parent
    data = os.urandom(2**20) * 200  # takes a while to hash
    (place / "long.wav").write_bytes(data)
    from imvar_studio.model.edits import add_asset
    from imvar_studio.store.project_folder import ProjectFolder

    folder = ProjectFolder.open(project)
    folder.save(add_asset(folder.load(), folder.add_asset(place / "long.wav")))
    before = sorted(path.name for path in place.iterdir())
    with begin("pack", "p.imvar", "--out", "p.imvarz", "--json", cwd=place) as process:
        assert '"progress"' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert sorted(path.name for path in place.iterdir()) == before
