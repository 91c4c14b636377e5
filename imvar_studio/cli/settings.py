"""`imvar settings`: what the user decides once for all projects."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.arguments import whole
from imvar_studio.cli.command import Output, add_command
from imvar_studio.jobs.estimate import size
from imvar_studio.model.errors import SpecError
from imvar_studio.model.settings import Settings
from imvar_studio.store.settings import load_settings, save_settings, settings_file

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers

_EXAMPLES = """\
  imvar settings
  imvar settings cache-limit 20GB
  imvar settings debug-log on
  imvar settings worker-niceness default
"""
_ABOUT = {
    "cache-limit": "what a project's cache may take on the disk, like 500MB or 20GB",
    "worker-niceness": "how far renders give way to other programs, 0 to 19",
    "debug-log": "whether the logs say more than warnings, prompts included, on or off",
}
_DEFAULT = "default"
_BYTES = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "list the settings that hold for all projects, or change one"
    parser = add_command(commands, "settings", run, about=about, examples=_EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?", help=" or ".join(_ABOUT))
    parser.add_argument("value", metavar="VALUE", nargs="?", help="the new value, or 'default'")


def run(args: argparse.Namespace, out: Output) -> None:
    """List them all, or one; set one."""
    settings = load_settings()
    if args.name is not None:
        name = _name(args.name)
        if args.value is not None:
            settings = replace(settings, **{_field(name): _value(name, args.value)})
            save_settings(settings)
        _say([name], settings, out)
    else:
        _say(list(_ABOUT), settings, out)
        out.say(f"\nThey lie in {settings_file()}.")
    out.tell("settings", settings={name: getattr(settings, _field(name)) for name in _ABOUT})


def _say(names: list[str], settings: Settings, out: Output) -> None:
    for name in names:
        value = getattr(settings, _field(name))
        out.say(f"{name:16} {_shown(name, value):8} {_ABOUT[name]}")


def _shown(name: str, value: Any) -> str:
    if name == "cache-limit":
        return size(value)
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _name(text: str) -> str:
    name = text.replace("_", "-").lower()
    if name not in _ABOUT:
        raise SpecError(f"there is no setting {text!r}", "name", f"choose {' or '.join(_ABOUT)}")
    return name


def _field(name: str) -> str:
    return name.replace("-", "_")


def _value(name: str, text: str) -> Any:
    """Return the value that was typed; its range is checked by `Settings`."""
    if text.strip().lower() == _DEFAULT:
        return next(field.default for field in fields(Settings) if field.name == _field(name))
    if name == "cache-limit":
        return parse_bytes(text)
    if name == "debug-log":
        value = _SWITCH.get(text.strip().lower())
        if value is None:
            raise SpecError(f"{name} must be on or off, got {text[:40]!r}", name)
        return value
    return whole(name)(text)


def parse_bytes(text: str) -> int:
    """Return the bytes of `500MB`, `1.5GB` (powers of 1000), `2GiB` (of 1024) or `4096`.

    Raises:
        SpecError: for another form.
    """
    found = _BYTES.fullmatch(text.strip())
    if found is None:
        raise SpecError(f"a size must be like 500MB or 20GB, got {text[:40]!r}", "size")
    number, unit, binary = found.groups()
    power = " kmgt".index(unit.lower() or " ")
    return round(float(number) * float((1024 if binary else 1000) ** power))
