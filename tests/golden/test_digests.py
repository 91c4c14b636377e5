"""Names given once stay: on every Python, in every locale, for every order of hashing."""

from __future__ import annotations

import json
import locale
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT = HERE / "make_digests.py"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return json.loads((HERE / "digests.json").read_bytes())


def run_script(python: str, **environment: str) -> dict[str, Any]:
    """Return what another process prints; warnings of it are errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    made = subprocess.run(
        [python, "-W", "error", "-s", "-B", str(SCRIPT)],
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert made.returncode == 0, made.stderr.decode()
    return json.loads(made.stdout)


def other_pythons() -> list[str]:
    """The other versions that the program promises to run on, one path each."""
    places = [Path(found) for n in range(11, 15) if (found := shutil.which(f"python3.{n}"))]
    places += sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    found: dict[str, str] = {}
    for place in places:
        if "shims" in place.parts:  # stands for any version, or none
            continue
        version = re.search(r"3\.(\d+)", str(place))
        if version and 11 <= int(version[1]) < 15 and int(version[1]) != sys.version_info[1]:
            found[version[0]] = str(place)
    return list(found.values())


def test_names_given_once_stay(expected: dict[str, Any]) -> None:
    assert runpy.run_path(str(SCRIPT))["digests"]() == expected
    assert len({*expected["recipes"].values(), expected["plan"]}) == 12


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_in_every_order_of_hashing(expected: dict[str, Any], seed: str) -> None:
    assert run_script(sys.executable, PYTHONHASHSEED=seed) == expected


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a locale with a decimal comma."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
    except locale.Error:
        localedef = shutil.which("localedef")
        if localedef is None:
            pytest.skip("there is no German locale, nor localedef to make it")
        folder = tmp_path_factory.mktemp("locales")
        command = [localedef, "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("the German locale cannot be made here")
        return {"LC_ALL": "de_DE.UTF-8", "LOCPATH": str(folder)}
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return {"LC_ALL": "de_DE.UTF-8"}


def test_with_a_decimal_comma(expected: dict[str, Any], german: dict[str, str]) -> None:
    asked = "import locale; locale.setlocale(locale.LC_ALL, ''); print(f'{1.5:n}')"
    shown = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | german, check=True, capture_output=True
    )
    assert shown.stdout == b"1,5\n"
    assert run_script(sys.executable, **german) == expected


def test_without_a_locale(expected: dict[str, Any]) -> None:
    assert run_script(sys.executable, LC_ALL="C", PYTHONUTF8="0") == expected


@pytest.mark.parametrize("python", other_pythons() or [None], ids=str)
def test_on_other_pythons(expected: dict[str, Any], python: str | None) -> None:
    if python is None:
        pytest.skip("no other Python from 3.11 to 3.14 was found")
    assert run_script(python) == expected
