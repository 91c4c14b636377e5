"""Takes, locks and settings as a user meets them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.cli import main as cli
from imvar_studio.cli.settings import parse_bytes
from imvar_studio.model.errors import SpecError
from imvar_studio.store.locks import take_lock, writer
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings, settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from imvar_studio.store.locks import project_lock
from imvar_studio.store.project_folder import ProjectFolder
lock = project_lock(ProjectFolder.open(Path(sys.argv[1])), "the window")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def rendered(film: Any, tmp_path: Path) -> Path:
    return film.copy(tmp_path / "a.imvar")


@pytest.fixture
def frames(rendered: Path) -> list[Path]:
    return sorted(rendered.glob("frames/*/*.png"))


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_take_is_listed(rendered, frames, here):
    said = here("takes", "list", rendered, "--json")
    (take,) = said.only("takes")["takes"]
    (folder,) = (path for path in rendered.glob("takes/*"))
    assert (take["take"], take["pictures"], take["of"]) == (folder.name, 21, 21)
    assert (take["videos"], take["in_use"], take["bytes_shared"]) == ([".mp4"], None, 0)
    on_disk = [*frames, *folder.iterdir()]
    assert take["bytes_own"] == sum(path.stat().st_size for path in on_disk)
    assert list(take["fingerprints"].values()) == [21]
    with take_lock(ProjectFolder.open(rendered), take["take"], "imvar render"):
        shown = here("takes", "list", rendered).out
    assert re.search(rf"^{take['take']}  \d{{4}}-\d\d-\d\d \d\d:\d\d  waves$", shown, re.MULTILINE)
    assert "21 of 21 pictures, film .mp4, " in shown
    assert f"in use by imvar render (process {os.getpid()} on " in shown
    assert "--redo-odd" not in shown


def test_pictures_of_other_numerics_are_said_with_the_remedy(rendered, here):
    """The journal's record of one picture says that another machine made it."""
    from imvar_studio.store.journal import Journal, JournalRecord

    (path,) = rendered.glob("takes/*/journal.jsonl")
    records = Journal(path).records()
    Journal(path).append([JournalRecord(records[3].recipe, records[3].file, "gpu", 1.0)])
    said = here("takes", "list", rendered).out
    assert "1 of its pictures made by another machine, version or batch than the rest" in said
    assert f"'imvar render {rendered} --redo-odd'" in said


def test_verify_names_what_is_not_whole_and_render_mends_it(film, rendered, frames, imvar, files):
    here = rendered.parent
    whole = imvar("takes", "verify", rendered, "--json", cwd=here)
    assert whole.code == 0
    (take,) = whole.only("verified")["takes"]
    assert (take["whole"], take["pictures"], take["videos"]) == (True, 21, {"video.mp4": True})
    frames[0].unlink()
    frames[1].write_bytes(frames[1].read_bytes()[:-20])
    data = bytearray(frames[2].read_bytes())
    data[100] ^= 8
    frames[2].write_bytes(data)
    before = files(rendered)
    said = imvar("takes", "verify", rendered, "--json", cwd=here)
    assert said.code == cli.USER_ERROR
    (take,) = said.only("verified")["takes"]
    assert take["missing"] == [frames[0].stem]
    assert sorted(take["damaged"]) == [frames[1].stem, frames[2].stem]
    assert (take["whole"], take["pictures"], take["stale"], take["left"]) == (False, 18, [], 0)
    assert f"1 of 1 takes of {rendered} is not whole ({take['take']}): " in said.err
    assert f"'imvar render {rendered}' with the same options makes again" in said.err
    assert files(rendered) == before
    mended = imvar("render", rendered, "--out", here / "b.mp4", *film.options, cwd=here)
    assert mended.code == 0, mended.err
    assert imvar("takes", "verify", rendered, cwd=here).code == 0
    assert files(rendered / "frames") == film.frames


def test_clean_says_what_would_go_and_removes_it_when_told(rendered, here, files):
    (folder,) = rendered.glob("takes/*")
    kept = {name: path for name, path in files(rendered).items() if name.startswith("assets")}
    before = files(rendered)
    name = folder.name
    said = here("takes", "clean", rendered, name, "--json").only("would clean")
    assert (said["takes"], said["frames"]) == ([name], 21)
    assert files(rendered) == before
    plain = here("takes", "clean", rendered, name).out
    assert f"{name}  would be removed\n" in plain
    assert "Nothing was removed: say --yes for that." in plain
    with take_lock(ProjectFolder.open(rendered), folder.name, "imvar render"):
        spared = here("takes", "clean", rendered, name, "--yes", "--json").only("cleaned")
        assert spared["takes"] == []
        assert spared["spared"][folder.name].startswith("it is in use by imvar render (process")
    assert files(rendered) == before
    size = sum(path.stat().st_size for path in rendered.rglob("*") if path.is_file())
    done = here("takes", "clean", rendered, folder.name[:8], "--yes", "--json").only("cleaned")
    assert done == said | {"event": "cleaned"}
    after = files(rendered)
    left = sum(path.stat().st_size for path in rendered.rglob("*") if path.is_file())
    assert size - left == done["bytes"] > 0
    assert list(rendered.glob("takes/*")) == list(rendered.glob("frames/*/*")) == []
    assert kept.items() <= after.items()
    assert after["project.json"] == before["project.json"]
    assert here("takes", "clean", rendered, "--yes").out.startswith("Nothing to remove.")
    assert "Nothing was rendered yet" in here("takes", "list", rendered).out
    assert here("takes", "verify", rendered).code == 0


def test_clean_says_why_no_pictures_go(rendered, here):
    """A plan that does not read is another thing than a render that has none yet."""
    (folder,) = rendered.glob("takes/*")
    (folder / "plan.json").write_bytes(b"half")
    new = "ab" * len(folder.name)
    with take_lock(ProjectFolder.open(rendered), new[: len(folder.name)], "imvar render"):
        said = here("takes", "clean", rendered).out.splitlines()
    why = {line.split()[0]: line.partition("  ")[2] for line in said if "no pictures go" in line}
    remedy = "its plan does not read, so no pictures go: clean it, or render it again"
    assert why.pop(folder.name) == remedy
    (waits,) = why.values()
    assert waits.startswith("in use by imvar render (process ")
    assert waits.endswith("), without a plan yet, so no pictures go: wait until it is done")


def test_what_the_project_a_version_or_the_queue_refers_to_is_not_collected(
    rendered, here, film, edited, monkeypatch, tmp_path
):
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    (folder,) = rendered.glob("takes/*")

    def collected() -> list[str]:
        return here("takes", "clean", rendered, "--keep", 0, "--json").only("would clean")["takes"]

    assert collected() == []  # the project as it stands
    assert here("add", rendered, "--prompt", "the moon").code == 0
    assert collected() == []  # a version
    shutil.rmtree(rendered / "versions")
    assert collected() == [folder.name]
    state = (rendered / "project.json").read_bytes()
    (rendered / "project.json").write_bytes(film.saved)
    added = here("queue", "add", rendered, "--out", tmp_path / "q.mp4", *film.options)
    assert added.code == 0, added
    (rendered / "project.json").write_bytes(state)
    said = here("takes", "clean", rendered, folder.name, "--json").only("would clean")
    assert (said["takes"], said["frames"]) == ([], 0)  # the queue, even by its name
    assert "queue" in said["spared"][folder.name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["takes"], "COMMAND is missing: see 'imvar takes --help'"),
        (["takes", "burn", "p.imvar"], "there is no command burn, choose from"),
        (["takes", "list", "gone.imvar"], "gone.imvar does not exist"),
        (["takes", "verify", "p.imvar", "ffff"], "there is no take ffff: see the ids"),
        (["takes", "clean", "p.imvar", "ffff", "--yes"], "there is no take ffff"),
        (["takes", "clean", "p.imvar", "--keep", "-1"], "keep must be in [0,"),
        (["takes", "clean", "p.imvar", "--older-than", "nan"], "older-than must be in [0,"),
        (["settings", "colour", "red"], "there is no setting 'colour': choose cache-limit or"),
        (["settings", "cache-limit", "much"], "a size must be like 500MB or 20GB, got 'much'"),
        (["settings", "cache-limit", "2000TB"], "cache-limit must be in [0, 10000"),
        (["settings", "worker-niceness", "20"], "worker-niceness must be in [0, 19], got 20"),
        (["settings", "debug-log", "perhaps"], "debug-log must be on or off, got 'perhaps'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence(refused, words, said):
    assert refused(*words).startswith(said)


def test_a_project_that_is_open_elsewhere_is_not_changed(project, here, files):
    before = files(project)
    held = [sys.executable, "-c", HOLD, str(project)]
    with subprocess.Popen(
        held, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        said = here("add", project, "--prompt", "a fox")
        assert said.code == cli.USER_ERROR
        message = rf"is open for writing by the window \(process {process.pid} on .* since .*\): "
        assert re.search(message + "close it there", said.sentence)
        assert here("info", project).code == 0
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert here("add", project, "--prompt", "a fox").code == 0
    after = files(project)
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if not name.startswith("versions")} == {"project.json"}


def test_keyframes_that_are_added_at_once_are_all_there(project, begin):
    words = [["add", project, "--prompt", f"a fox, {n}", "--at", f"{n + 9}s"] for n in range(4)]
    processes = [begin(*each, cwd=project.parent) for each in words]
    codes = []
    for process in processes:
        process.communicate(timeout=120)
        codes.append(process.returncode)
    data = json.loads((project / "project.json").read_bytes())
    times = {key.get("time", 0) for key in data["project"]["works"][0]["timeline"]["keyframes"]}
    assert {n + 9 for n, code in enumerate(codes) if code == 0} <= times
    assert codes.count(0) == len(times - {0, 2}) > 0
    assert not list(project.glob(".*"))


def test_pictures_are_taken_in_while_another_does(picture, fresh_home, paint):
    place = fresh_home / "pictures.imvar"
    paint("--like", picture)
    with writer(ProjectFolder.open(place), "another"):
        copy = picture.parent / "again.png"
        shutil.copy(picture, copy)
        paint("--prompt", "a fox")  # takes none in
    paint("--like", copy)
    assert len(list((place / "assets").iterdir())) == 1


def test_settings_are_listed_and_set(fresh_home, here):
    said = here("settings")
    assert re.search(r"^cache-limit +5\.0 GB +what", said.out, re.MULTILINE)
    assert str(settings_file()) in said.out
    assert not fresh_home.exists()
    changed = here("settings", "cache-limit", "1.5GB", "--json").only("settings")
    assert changed["settings"] == {
        "cache-limit": 1_500_000_000, "worker-niceness": 10, "debug-log": False,
    }  # fmt: skip
    assert here("settings", "debug_log", "on").out.startswith("debug-log        on ")
    assert here("settings", "worker-niceness", "0").code == 0
    found = load_settings()
    assert (found.cache_limit, found.worker_niceness, found.debug_log) == (1_500_000_000, 0, True)
    assert here("settings", "worker-niceness").out.startswith("worker-niceness  0 ")
    here("settings", "cache-limit", "default")
    assert load_settings().cache_limit == 5_000_000_000


@pytest.mark.parametrize(
    ("text", "size"),
    [("4096", 4096), ("500MB", 500_000_000), (" 20 gb ", 20_000_000_000), ("1.5k", 1500),
     ("2GiB", 2 * 2**30), ("1TB", 10**12), ("0", 0)],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "1PB", "1e9", "5 5", "nan"])
def test_other_sizes_are_refused(text):
    with pytest.raises(SpecError, match="must be like 500MB"):
        parse_bytes(text)


@pytest.mark.parametrize("command", [["takes"], ["takes", "list"], ["takes", "verify"],
                                     ["takes", "clean"], ["settings"]])  # fmt: skip
def test_examples_in_the_help_parse(command, imvar, tmp_path):
    text = imvar(*command, "--help", cwd=tmp_path).out
    examples = re.findall(r"^  imvar (.+)$", text, re.MULTILINE)
    assert examples
    for line in examples:
        cli._parser().parse_args(line.split())
