"""packaging/setup.sh, with a stub in place of Python, pip, apt and the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TORCH = next(
    line.partition("==")[2]
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    if line.startswith("torch==")
)
PYTHONS = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")

# Answers what setup.sh asks of a Python; pip notes its call in `calls`, prints what `pip_says`
# holds for the package in `pip_fails_on`, and "installs" scripts that note their calls, too.
PYTHON = """#!/usr/bin/env bash
stubs={stubs}
case "$*" in
    *'print("%d.%d"'*) cat "$stubs/version" ;;
    *'print(sys.version)'*) echo "stub $(cat "$stubs/version")" ;;
    '-m venv '*)
        mkdir -p "$3/bin"
        cp "$0" "$3/bin/python"
        echo "#!$3/bin/python" >"$3/bin/pip"
        ;;
    '-m pip config list') echo "global.index-url='somewhere'" ;;
    '-m pip check') echo 'No broken requirements found.' ;;
    '-m pip '*)
        echo "pip ${{*: -1}}" >>"$stubs/calls"
        if [ -f "$stubs/pip_fails_on" ] && [[ "$*" == *"$(cat "$stubs/pip_fails_on")"* ]]; then
            cat "$stubs/pip_says"
            exit 1
        fi
        for name in imvar ruff mypy lint-imports pytest; do
            cp "$stubs/tool" "$(dirname "$0")/$name"
        done
        ;;
    -\\ *) exit 1 ;;
esac
"""
TOOL = """#!/usr/bin/env bash
name=$(basename "$0")
echo "$name $*" >>{stubs}/calls
[ "$name" != imvar ] || touch "${{*: -1}}"
[ "$name" != pytest ] || echo "7 passed in 0.01s"
[ ! -f {stubs}/fail_$name ]
"""
APT = """#!/usr/bin/env bash
echo "apt-get $*" >>{stubs}/calls
"""


class Machine:
    """A copy of what setup.sh needs in a folder with a space, on a PATH that begins with stubs."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "the studio"
        self.stubs = folder / "stubs"
        self.home = folder / "my films"
        for path in (self.stubs, self.home, self.root / "packaging", self.sample / "assets"):
            path.mkdir(parents=True)
        shutil.copy(ROOT / "pyproject.toml", self.root)
        for name in ("setup.sh", "requirements.lock"):
            shutil.copy(ROOT / "packaging" / name, self.root / "packaging")
        (self.sample / "project.json").write_text("{}")
        (self.stubs / "version").write_text("3.11\n")
        for name in PYTHONS:
            self.stub(name, PYTHON)
        self.stub("tool", TOOL)
        self.stub("apt-get", APT)
        self.stub("dpkg-query", "#!/bin/sh\nprintf installed\n")
        self.stub("exiftool", "#!/bin/sh\n")
        self.stub("transicc", "#!/bin/sh\n")

    @property
    def sample(self) -> Path:
        return self.root / "resources/samples/first-film.imvar"

    def stub(self, name: str, text: str) -> None:
        path = self.stubs / name
        path.write_text(text.format(stubs=self.stubs) if "{stubs}" in text else text)
        path.chmod(0o755)

    def pip_fails(self, on: str, saying: str) -> None:
        (self.stubs / "pip_fails_on").write_text(on)
        (self.stubs / "pip_says").write_text(saying)

    def calls(self) -> list[str]:
        """What was called since the last time."""
        path = self.stubs / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def run(
        self, *args: str, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.root / "packaging/setup.sh"), *args],
            cwd=cwd or self.home,
            env={"PATH": f"{self.stubs}:/usr/bin:/bin", "HOME": str(self.home)}
            | {"LC_ALL": "C", "IMVAR_SETUP_NEED_MB": "1"}
            | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def refusal(self, *args: str, **env: str) -> str:
        """The one sentence that a run ends with, once it is sure to have ended with code 2."""
        result = self.run(*args, **env)
        assert result.returncode == 2, result
        assert not (self.root / ".venv/setup.stamp").exists()
        lines = result.stderr.splitlines()
        assert len(lines) == 1, result.stderr
        return lines[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_finished_set_up_does_nothing_the_second_time(machine: Machine) -> None:
    first = machine.run("setup")
    assert first.returncode == 0, first
    assert f"Installing torch {TORCH} " in first.stdout
    assert machine.calls()[0] == f"pip torch=={TORCH}"

    second = machine.run("setup")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert machine.calls() == []


def test_torch_comes_first_and_the_lock_with_its_hashes(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    log = (machine.root / ".venv/setup.log").read_text()
    steps = [line for line in log.splitlines() if line.startswith("$ ") and " install " in line]
    assert [step.partition(" install ")[2].split(" ")[0] for step in steps] == [
        "--constraint",
        "--require-hashes",
        "--no-deps",
    ]
    assert steps[0].endswith(f" torch=={TORCH}")
    assert "--no-deps" in steps[1]
    constraints = (machine.root / ".venv/constraints.txt").read_text()
    assert "sympy==" in constraints
    assert "--hash" not in constraints
    assert "\\" not in constraints


@pytest.mark.parametrize("changed", ["packaging/requirements.lock", "pyproject.toml"])
def test_a_change_of_what_is_needed_is_installed(machine: Machine, changed: str) -> None:
    assert machine.run("setup").returncode == 0
    machine.calls()
    with (machine.root / changed).open("a") as file:
        file.write("# later\n")
    assert machine.run("setup").returncode == 0
    assert any(str(machine.root) in call for call in machine.calls())


def test_a_half_finished_set_up_is_continued(machine: Machine) -> None:
    machine.pip_fails("--require-hashes", "Killed")
    assert machine.run("setup").returncode == 2
    assert not (machine.root / ".venv/setup.stamp").exists()
    half = machine.root / ".venv/lib/python3.11/site-packages/half-1.0.dist-info"
    whole = half.with_name("whole-1.0.dist-info")
    for folder in (half, whole):
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text("")
    (whole / "RECORD").write_text("whole.py,,\n")

    (machine.stubs / "pip_fails_on").unlink()
    again = machine.run("setup")
    assert again.returncode == 0, again
    assert "Making .venv" not in again.stdout
    assert whole.exists()
    assert not half.exists()
    assert machine.run("setup").stdout == ""


def test_going_back_after_a_failed_change_installs_again(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    lock = machine.root / "packaging/requirements.lock"
    before = lock.read_text()
    lock.write_text(before + "# later\n")
    machine.pip_fails("--require-hashes", "Killed")
    assert machine.run("setup").returncode == 2

    (machine.stubs / "pip_fails_on").unlink()
    lock.write_text(before)
    machine.calls()
    assert machine.run("setup").returncode == 0
    assert machine.calls() != []


def test_a_venv_of_an_old_python_is_made_anew(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    (machine.root / ".venv/bin/python").write_text("#!/bin/sh\necho 3.10\n")
    assert "with Python 3.11" in machine.run("setup").stdout


def test_a_broken_venv_is_made_anew(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    python = machine.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    result = machine.run("setup")
    assert result.returncode == 0, result
    assert "Making .venv anew" in result.stdout
    assert not python.is_symlink()


def test_a_moved_project_makes_its_venv_anew(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    machine.root = machine.root.rename(machine.root.with_name("elsewhere"))
    result = machine.run("setup")
    assert result.returncode == 0, result
    assert "Making .venv anew" in result.stdout


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.15"])
def test_a_python_that_does_not_fit_is_named_with_a_remedy(machine: Machine, version: str) -> None:
    (machine.stubs / "version").write_text(f"{version}\n")
    sentence = machine.refusal("setup")
    assert f"Python {version} does not fit" in sentence
    assert "3.11 to 3.14" in sentence
    assert "install one" in sentence
    assert not (machine.root / ".venv/bin").exists()


def test_an_old_python3_gives_way_to_a_newer_one_beside_it(machine: Machine) -> None:
    machine.stub("python3", "#!/bin/sh\necho 3.9\n")
    result = machine.run("setup")
    assert result.returncode == 0, result
    assert "with Python 3.11" in result.stdout


def test_no_python_at_all(machine: Machine) -> None:
    for name in PYTHONS:
        machine.stub(name, "#!/bin/sh\nexit 127\n")
    sentence = machine.refusal("setup")
    assert "no Python was found" in sentence
    assert "install one" in sentence


@pytest.mark.parametrize(
    ("pip_says", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("
            "Failed to establish a new connection: [Errno -3] Temporary failure in name "
            "resolution')'\nERROR: No matching distribution found for torch==2.13.0",
            f"the network is not reached (installing torch {TORCH}): connect",
        ),
        (
            "ERROR: Could not find a version that satisfies the requirement torch==2.13.0 "
            "(from versions: none)\nERROR: No matching distribution found for torch==2.13.0",
            "the network is not reached",
        ),
        ("urllib3.exceptions.ReadTimeoutError: Read timed out.", "the network is not reached"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        (
            "Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, '[SSL: "
            "CERTIFICATE_VERIFY_FAILED] certificate verify failed')))",
            "certificate is not trusted",
        ),
        (
            "WARNING: Retrying after connection broken\n"
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "pip's cache",
        ),
        ("ERROR: [Errno 13] Permission denied: 'site-packages'", "the right to write"),
    ],
)
def test_why_pip_failed_is_one_sentence(machine: Machine, pip_says: str, sentence: str) -> None:
    machine.pip_fails("torch==", pip_says)
    said = machine.refusal("setup")
    assert sentence in said
    assert "run this again" in said


def test_an_older_failure_in_the_log_is_not_blamed(machine: Machine) -> None:
    machine.pip_fails("torch==", "OSError: [Errno 28] No space left on device")
    machine.refusal("setup")
    machine.pip_fails("torch==", "Temporary failure in name resolution")
    assert "the network is not reached" in machine.refusal("setup")


def test_any_other_failure_shows_the_end_of_the_log(machine: Machine) -> None:
    machine.pip_fails(
        "--editable",
        "".join(f"line {n}\n" for n in range(20)) + "\nhint: See above for details.\n",
    )
    result = machine.run("setup")
    assert result.returncode == 2
    *log, sentence = result.stderr.splitlines()
    assert [line.strip() for line in log] == [f"line {n}" for n in range(15, 20)]
    assert "installing Imvar Studio failed" in sentence
    assert ".venv/setup.log" in sentence


def test_too_little_space_is_said_before_anything_is_installed(machine: Machine) -> None:
    sentence = machine.refusal("setup", IMVAR_SETUP_NEED_MB="999999999")
    assert "too little space" in sentence
    assert "999999999 MB" in sentence
    assert machine.calls() == []


def test_a_folder_that_cannot_be_written(machine: Machine) -> None:
    (machine.root / ".venv").write_text("a file where the folder should be")
    assert "cannot be written" in machine.refusal("setup")


def test_missing_system_packages_are_named_to_a_user(machine: Machine) -> None:
    machine.stub("dpkg-query", "#!/bin/sh\nexit 1\n")
    machine.stub("id", "#!/bin/sh\necho 1000\n")
    assert "'sudo apt-get install ca-certificates'" in machine.refusal("setup")
    assert machine.calls() == []


def test_missing_system_packages_are_installed_for_root_and_no_others(machine: Machine) -> None:
    machine.stub("id", "#!/bin/sh\necho 0\n")
    machine.stub("dpkg-query", '#!/bin/sh\n[ "$3" != ca-certificates ] && printf installed\n')
    assert machine.run("setup").returncode == 0
    assert machine.calls()[:2] == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends ca-certificates",
    ]


def test_the_demo_films_a_copy_of_the_sample_where_it_was_called(machine: Machine) -> None:
    result = machine.run("demo")
    assert result.returncode == 0, result
    assert machine.calls()[-1] == "imvar render ./first-film.imvar --out first-film.mp4"
    assert (machine.home / "first-film.mp4").exists()
    assert sorted(path.name for path in machine.sample.iterdir()) == ["assets", "project.json"]

    (machine.home / "first-film.imvar/project.json").write_text('{"mine": 1}')
    assert machine.run("demo").returncode == 0
    assert machine.calls() == ["imvar render ./first-film.imvar --out first-film-2.mp4"]
    assert (machine.home / "first-film.imvar/project.json").read_text() == '{"mine": 1}'

    assert machine.run("demo").returncode == 0
    assert sorted(path.name for path in machine.home.iterdir()) == [
        "first-film-2.mp4",
        "first-film-3.mp4",
        "first-film.imvar",
        "first-film.mp4",
    ]
    assert len(list((machine.home / "first-film.imvar").iterdir())) == 2


def test_the_demo_leaves_the_sample_itself_alone(machine: Machine) -> None:
    assert machine.run("setup").returncode == 0
    result = machine.run("demo", cwd=machine.sample.parent)
    assert result.returncode == 2
    assert "go to a folder of yours" in result.stderr


def test_a_film_that_fails_fails_the_demo(machine: Machine) -> None:
    (machine.stubs / "fail_imvar").touch()
    assert machine.run("demo").returncode == 1


def test_all_checks_run_and_pytest_closes(machine: Machine) -> None:
    result = machine.run("test", "-k", "film")
    assert result.returncode == 0, result
    assert machine.calls()[-5:] == [
        "ruff format --check .",
        "ruff check .",
        "mypy ",
        "lint-imports ",
        "pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder -k film",
    ]
    assert result.stdout.splitlines()[-1] == "7 passed in 0.01s"


@pytest.mark.parametrize("failing", ["ruff", "mypy", "lint-imports", "pytest"])
def test_one_failing_check_fails_the_whole_but_all_run(machine: Machine, failing: str) -> None:
    (machine.stubs / f"fail_{failing}").touch()
    result = machine.run("test")
    assert result.returncode == 1
    assert machine.calls()[-1].startswith("pytest")
    assert (f"Failed: {failing}" in result.stdout) == (failing != "pytest")


def test_no_command_shows_the_usage_and_an_unknown_one_is_refused(machine: Machine) -> None:
    shown = machine.run()
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (
        0,
        "Usage: bash packaging/setup.sh COMMAND",
    )
    assert machine.run("help").stdout == shown.stdout
    assert machine.run("dance").returncode == 2


@pytest.mark.parametrize("script", ["packaging/setup.sh", "packaging/lock.sh", ".ci/run"])
def test_a_script_is_executable_and_whole(script: str) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK)
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
