"""packaging/requirements.lock: whole, hashed, neutral, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "packaging/requirements.lock").read_text()
# torch comes before the lock, by its exact version, with whatever GPU packages it brings
NOT_LOCKED = re.compile(r"torch|torchvision|triton|nvidia-.*|cuda-.*")


def locked() -> list[tuple[Requirement, list[str]]]:
    """Each entry of the lock with its hashes."""
    entries = []
    for entry in re.split(r"(?<!\\)\n", LOCK.strip()):
        requirement, *hashes = entry.replace("\\\n", "").split(" --hash=")
        entries.append((Requirement(requirement), [text.strip() for text in hashes]))
    return entries


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return [Requirement(line) for line in lines]


def test_every_package_is_pinned_and_hashed() -> None:
    entries = locked()
    assert len(entries) > 30
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), requirement


def test_torch_and_its_gpu_packages_are_not_in_the_lock() -> None:
    names = {canonicalize_name(requirement.name) for requirement, _ in locked()}
    assert [name for name in names if NOT_LOCKED.fullmatch(name)] == []
    # but what torch needs everywhere is
    assert names >= {"sympy", "jinja2", "networkx", "fsspec", "filelock", "mpmath", "markupsafe"}
    assert names >= {"typing-extensions", "setuptools", "hatchling"}


def test_the_lock_names_no_host_and_no_path() -> None:
    assert re.findall(r"https?:|file:|--[a-z-]*(?:url|links|host)|/", LOCK) == []


def test_the_lock_is_what_pyproject_asks_for() -> None:
    versions: dict[str, list[str]] = {}
    for requirement, _ in locked():
        pin = str(requirement.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(requirement.name), []).append(pin)
    for requirement in wanted():
        name = canonicalize_name(requirement.name)
        if name == "torch":
            assert re.fullmatch(r"==\d+\.\d+\.\d+", str(requirement.specifier))
            continue
        assert name in versions, f"{name} is not locked: run packaging/lock.sh"
        assert all(pin in requirement.specifier for pin in versions[name]), (
            f"{name} {versions[name]} is not {requirement}: run packaging/lock.sh"
        )
