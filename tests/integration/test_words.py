"""What the program says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import imvar_studio
from imvar_studio.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = [
    "new", "add", "render", "picture", "queue", "info", "versions", "takes", "pack", "unpack",
    "models", "settings", "doctor",
]  # fmt: skip
HELPS = [[], *([name] for name in COMMANDS)]


@pytest.fixture(scope="module")
def helps(tmp_path_factory: pytest.TempPathFactory, imvar: Callable[..., Any]) -> dict[str, str]:
    place = tmp_path_factory.mktemp("words")
    said = {" ".join(words): imvar(*words, "--help", cwd=place, env={"COLUMNS": "90"})
            for words in HELPS}  # fmt: skip
    assert {(each.code, each.err) for each in said.values()} == {(0, "")}
    assert list(place.iterdir()) == []
    return {name: each.out for name, each in said.items()}


def test_help_names_every_command_and_exit_code(helps):
    text = helps[""]
    for word in COMMANDS:
        assert re.search(rf"^    {word} +\w", text, re.MULTILINE)
    codes = re.findall(r"^  (\d+) +\w", text, re.MULTILINE)
    wanted = [cli.OK, cli.FAULT, cli.USER_ERROR, cli.INTERRUPTED]
    assert [int(code) for code in codes] == wanted


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option_and_its_examples_parse(helps, command):
    text = helps[command]
    listed = re.findall(r"^  (-.+|[A-Z]+ .+)\n( {20,}.+)?", text, re.MULTILINE)
    assert listed
    for line, below in listed:
        assert re.search(r"\S {2,}\w", line) or below, line
    assert "!" not in text
    examples = re.findall(r"^  (imvar .+)$", text, re.MULTILINE)
    assert examples
    for line in examples:
        words = re.findall(r'"[^"]+"|\S+', line)[1:]
        cli._parser().parse_args([word.strip('"') for word in words])


def test_options_that_mean_the_same_are_called_the_same(helps):
    shared = ("--size N|WxH", "--fps F", "--seed N", "--model ID|PATH", "--json")
    for option in shared:
        assert option in helps["new"]
        assert option in helps["render"]
    ours = ("--steps N", "--guidance G", "--device D", "--precision P", "--batch N", "--no-prompts")
    for option in (*ours, "--size N|WxH", "--seed N", "--model ID|PATH", "--json"):
        assert option in helps["render"]
        assert option in helps["picture"]
    assert "--seed N" in helps["add"]


def test_version(imvar, tmp_path):
    said = imvar("--version", cwd=tmp_path)
    assert (said.code, said.out) == (0, f"imvar {imvar_studio.__version__}\n")


def test_a_path_with_blanks_is_shown_so_that_it_can_be_typed(here, model, tmp_path):
    said = here("new", tmp_path / "my film.imvar", "--model", model)
    assert f'imvar add "{tmp_path / "my film.imvar"}" PICTURE' in said.out


def test_names_that_are_no_text_are_shown_all_the_same(imvar, model, tmp_path):
    """A file name's bytes may be anything; the terminal gets something it can show."""
    said = imvar("new", "\udcff\x07.imvar", "--model", model, cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    wrong = imvar("add", "\udcff\x07.imvar", "no\nsuch\x1b[31m.png", cwd=tmp_path)
    assert wrong.sentence == "there is no file 'no such [31m.png': check its name and folder"
