"""`imvar takes`: a project's renders, what they take on the disk and whether they are whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import decimal, shown, whole
from imvar_studio.cli.command import Output, add_command, add_group
from imvar_studio.jobs.estimate import size
from imvar_studio.jobs.references import queued_digests
from imvar_studio.model.checks import integer, number
from imvar_studio.model.errors import StoreError
from imvar_studio.store.locks import takes_in_use
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.take_check import TakeCheck, verify_takes
from imvar_studio.store.take_clean import Choice, Cleaning, clean_takes
from imvar_studio.store.take_list import TakeInfo, list_takes
from imvar_studio.store.take_references import referred_takes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.store.lock_file import Holder

_LIST = """\
  imvar takes list mine.imvar
"""
_VERIFY = """\
  imvar takes verify mine.imvar
  imvar takes verify mine.imvar 3f9c01d2
"""
_CLEAN = """\
  imvar takes clean mine.imvar --keep 3
  imvar takes clean mine.imvar --older-than 30 --yes
  imvar takes clean mine.imvar 3f9c01d2 --yes
"""


def register(commands: Subparsers) -> None:
    """Add the command, with a command for each thing to do."""
    about = "list, verify and clean the renders that a project keeps"
    own = add_group(commands, "takes", about=about, examples=_LIST + _VERIFY + _CLEAN)
    about = "list a project's renders: pictures, sizes on the disk, videos"
    _take_project(add_command(own, "list", _list, about=about, examples=_LIST))
    about = "read every picture and film of renders again; nothing is changed"
    verify = add_command(own, "verify", _verify, about=about, examples=_VERIFY)
    _take_project(verify)
    _take_names(verify, "renders to verify, by id or its beginning (default: all)")
    about = "remove renders, and pictures that no other render needs"
    clean = add_command(own, "clean", _clean, about=about, examples=_CLEAN)
    _take_project(clean)
    _take_names(clean, "renders to remove, by id or its beginning; with options, those of them")
    clean.add_argument(
        "--keep",
        metavar="N",
        type=whole("keep"),
        help="remove all but the N that were written last",
    )
    clean.add_argument(
        "--older-than",
        metavar="DAYS",
        type=decimal("older-than"),
        help="remove those written last so long ago",
    )
    clean.add_argument("--damaged", action="store_true", help="remove those that are not whole")
    clean.add_argument("--yes", action="store_true", help="remove; without it only say what goes")


def _take_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")


def _take_names(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("takes", metavar="TAKE", nargs="*", help=about)


def _list(args: argparse.Namespace, out: Output) -> None:
    """List the takes, the one written last first."""
    takes = list_takes(ProjectFolder.open(args.project))
    rows = [
        {
            "take": take.id,
            "film": take.film,
            "written": datetime.fromtimestamp(take.written, UTC).isoformat(),
            "pictures": take.there,
            "of": take.of,
            "bytes_own": take.own,
            "bytes_shared": take.shared,
            "videos": list(take.videos),
            "in_use": None if take.holder is None else str(take.holder),
            "fingerprints": dict(take.fingerprints),
        }
        for take in takes
    ]
    out.tell("takes", takes=rows)
    for take in takes:
        _say_take(take, args.project, out)
    if not takes:
        out.say(f"Nothing was rendered yet. Render with: imvar render {shown(args.project)}")


def _say_take(take: TakeInfo, project: Path, out: Output) -> None:
    written = datetime.fromtimestamp(take.written, UTC).astimezone()
    out.say(f"{take.id}  {written:%Y-%m-%d %H:%M}  {_line(take.film)}")
    of = "an unknown number of" if take.of is None else str(take.of)
    videos = f", film {' '.join(take.videos)}" if take.videos else ", no film"
    shared = f", {size(take.shared)} shared with other takes" if take.shared else ""
    out.say(f"    {take.there} of {of} pictures{videos}, {size(take.own)}{shared}")
    if take.of is None:
        out.say("    its plan does not read: rendering the same film again writes it anew")
    if take.holder is not None:
        out.say(f"    in use by {take.holder}")
    if len(take.fingerprints) > 1:
        odd = sum(count for _, count in take.fingerprints[1:])
        out.say(
            f"    {odd} of its pictures made by another machine, version or batch than the rest: "
            f"'imvar render {shown(project)} --redo-odd', with the same options, makes them again"
        )


def _verify(args: argparse.Namespace, out: Output) -> None:
    """Verify takes; what is not whole ends in one sentence, with its remedy."""
    checks = verify_takes(ProjectFolder.open(args.project), args.takes)
    rows = [
        {
            "take": check.id,
            "film": check.film,
            "whole": check.is_whole,
            "plan": check.plan_reads,
            "pictures": check.whole,
            "missing": check.missing,
            "damaged": check.damaged,
            "stale": check.stale,
            "left": check.left,
            "videos": dict(check.videos),
            "in_use": None if check.holder is None else str(check.holder),
        }
        for check in checks
    ]
    out.tell("verified", takes=rows)
    for check in checks:
        out.say(f"{check.id}  {_line(check.film)}\n    {_found(check)}")
    broken = [check.id for check in checks if not check.is_whole]
    if broken:
        raise StoreError(
            f"{len(broken)} of {len(checks)} takes of {args.project} "
            f"{'is' if len(broken) == 1 else 'are'} not whole ({', '.join(broken)})",
            f"'imvar render {shown(args.project)}' with the same options makes again what is lost",
        )
    if not checks:
        out.say("Nothing was rendered yet.")


def _found(check: TakeCheck) -> str:
    """Return what was found of a take, in a line."""
    counts = (
        (len(check.missing), "missing"),
        (len(check.damaged), "damaged"),
        (len(check.stale), "in no journal"),
        (check.left, "not rendered yet"),
    )
    parts = [f"{_count(check.whole, 'picture')} whole"]
    parts += [f"{count} {what}" for count, what in counts if count]
    parts += [f"{name} is {'whole' if sound else 'damaged'}" for name, sound in check.videos]
    if not check.plan_reads:
        parts.append("the plan does not read")
    if check.holder is not None:
        parts.append(f"in use by {check.holder}")
    return ", ".join(parts)


def _clean(args: argparse.Namespace, out: Output) -> None:
    """Remove takes and what crashes left behind, or say what would go."""
    older = args.older_than
    choice = Choice(
        tuple(args.takes),
        None if args.keep is None else integer(args.keep, "keep", 0, 10**9),
        None if older is None else number(older, "older-than", 0, 1e6),
        args.damaged,
    )
    project = ProjectFolder.open(args.project)
    done = clean_takes(project, choice, _kept(project, args.takes), really=args.yes)
    out.tell(
        "cleaned" if args.yes else "would clean",
        takes=done.takes,
        frames=len(done.frames),
        leftovers=[str(path) for path in done.leftovers],
        bytes=done.size,
        spared=dict(done.spared),
        blocked=done.blocked,
    )
    _say_blocked(done, takes_in_use(project), out)
    _say_cleaning(done, choice, out, really=args.yes)


def _kept(project: ProjectFolder, named: list[str]) -> set[str]:
    """Return what is referred to: takes of the project's versions that are not named, the queue's.

    What a person names goes though a version refers to it; what the queue will render stays.
    """
    kept = {
        take for take in referred_takes(project) if not any(take.startswith(name) for name in named)
    }
    kept |= queued_digests(project.path)
    return kept


def _say_cleaning(done: Cleaning, choice: Choice, out: Output, *, really: bool) -> None:
    for take in done.takes:
        out.say(f"{take}  {'removed' if really else 'would be removed'}")
    for take, why in done.spared:
        out.say(f"{take}  stays: {why}")
    nothing = not (done.takes or done.frames or done.leftovers or done.size)
    if nothing:
        out.say("Nothing to remove.")
    else:
        what = _count(len(done.frames), "picture")
        if done.leftovers:
            what += f" and {_count(len(done.leftovers), 'leftover')} of crashes"
        verb = "made" if really else "would make"
        out.say(f"That {verb} {size(done.size)} free, with {what}.")
    if choice.is_empty:
        out.say("Choose takes by their ids, or with --keep, --older-than or --damaged.")
    if not (really or nothing):
        out.say("Nothing was removed: say --yes for that.")


def _say_blocked(done: Cleaning, in_use: Mapping[str, Holder], out: Output) -> None:
    """Say why no pictures go: nobody knows which ones these takes need."""
    for take in done.blocked:
        why, remedy = "its plan does not read", "clean it, or render it again"
        if take in in_use:
            why, remedy = f"in use by {in_use[take]}, without a plan yet", "wait until it is done"
        out.say(f"{take}  {why}, so no pictures go: {remedy}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _line(name: str) -> str:
    return " ".join(name.split())
