"""`imvar doctor`: what this machine has, and what is missing."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import psutil

import imvar_studio
from imvar_studio.cli.command import Output, add_command
from imvar_studio.jobs.estimate import size
from imvar_studio.model.errors import UserError
from imvar_studio.store.models import resolve
from imvar_studio.store.places import user_cache_folder, user_data_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from imvar_studio.cli.command import Subparsers

_PACKAGES = ("torch", "diffusers", "transformers", "numpy", "pillow", "imageio-ffmpeg")
_ENCODERS = ("libx264", "libx265", "libsvtav1", "libvpx-vp9", "prores_ks", "gif", "libwebp")
_LITTLE_SPACE = 2e9
_EXAMPLES = """\
  imvar doctor
  imvar doctor --json
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "say what this machine has, what is missing, and how to mend it"
    add_command(commands, "doctor", run, about=about, examples=_EXAMPLES)


def run(args: argparse.Namespace, out: Output) -> None:
    """Look at everything, and say what was found."""
    del args
    problems: list[str] = []
    found: dict[str, str] = {}
    checks: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
        ("Imvar Studio", _program),
        ("packages", _packages),
        ("device", _device),
        ("memory", _memory),
        ("ffmpeg", _ffmpeg),
        ("starter", _starter),
        ("data folder", _folder),
    )
    for name, check in checks:
        try:
            found[name] = check(problems)
        except UserError as error:
            found[name] = "missing"
            problems.append(f"{error}.")
    out.tell("doctor", found=found, problems=problems)
    for name, text in found.items():
        out.say(f"{name + ':':14} {text}")
    out.say("")
    out.say("Nothing is missing." if not problems else "To mend:")
    for problem in problems:
        out.say(f"- {problem}")


def _program(problems: list[str]) -> str:
    del problems
    return f"{imvar_studio.__version__}, Python {platform.python_version()}"


def _packages(problems: list[str]) -> str:
    names = []
    for name in _PACKAGES:
        try:
            names.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            problems.append(f"{name} is not installed: run 'bash packaging/setup.sh setup'.")
    return ", ".join(names)


def _device(problems: list[str]) -> str:
    import torch

    from imvar_studio.engine.device import choose_compute

    compute = choose_compute()
    text = f"{compute.device}, {compute.precision}, chunks of {compute.batch}"
    if compute.device.type == "cuda":
        free, total = torch.cuda.mem_get_info(compute.device)
        name = torch.cuda.get_device_name(compute.device)
        return f"{text}, {name}, {size(free)} of {size(total)} free"
    if shutil.which("nvidia-smi"):
        problems.append(
            "there is an NVIDIA GPU that this torch cannot use: install torch with CUDA into .venv."
        )
    return f"{text}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"


def _memory(problems: list[str]) -> str:
    home = user_data_folder()
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    memory, disk = psutil.virtual_memory(), shutil.disk_usage(there)
    if memory.available < _LITTLE_SPACE:
        problems.append("less than 2 GB of memory is free: close other programs.")
    if disk.free < _LITTLE_SPACE:
        problems.append("less than 2 GB of disk is free: make room.")
    return (
        f"{size(memory.available)} of {size(memory.total)} free; "
        f"disk {size(disk.free)} of {size(disk.total)} free"
    )


def _ffmpeg(problems: list[str]) -> str:
    from imvar_studio.media.ffmpeg import run_ffmpeg

    listed, _ = run_ffmpeg(["-hide_banner", "-encoders"], "list the encoders")
    names = {line.split()[1] for line in listed.decode().splitlines() if len(line.split()) > 1}
    missing = [name for name in _ENCODERS if name not in names]
    if missing:
        problems.append(f"ffmpeg lacks {', '.join(missing)}: install imageio-ffmpeg again.")
    return ", ".join(name for name in _ENCODERS if name in names)


def _starter(problems: list[str]) -> str:
    del problems
    card = resolve("starter")
    return f"{card.family}, {size(card.weights_bytes)}, whole"


def _folder(problems: list[str]) -> str:
    for folder in (user_data_folder(), user_cache_folder()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".imvar-doctor"
            probe.touch()
            probe.unlink()
        except OSError as error:
            problems.append(f"{folder} cannot be written ({error.strerror}): mend its permissions.")
    return str(user_data_folder())
