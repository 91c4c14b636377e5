"""C2: a film of 240 frames rendered again without a change, and with one keyframe moved.

Each run is the whole program as a process. Run by hand: python tests/benchmarks/edit_film.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FPS, EVERY, KEYFRAMES, MOVED = 12, 4, 6, 2


def imvar(*words: object, place: Path) -> tuple[float, str]:
    begin = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-m", "imvar_studio", *map(str, words)],
        check=True, capture_output=True, text=True, cwd=place,
        env=os.environ | {"IMVAR_HOME": str(place / "home")},
    )  # fmt: skip
    return time.perf_counter() - begin, said.stdout


def render(project: Path, name: str) -> None:
    out = project.parent / f"{name}.mp4"
    words = ["render", project, "--out", out, "--steps", 4, "--size", 64, "--json"]
    seconds, said = imvar(*words, place=project.parent)
    made = sum(json.loads(line)["event"] == "made" for line in said.splitlines())
    print(f"{name}: {seconds:.2f} s, {made} frames rendered")


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "long.imvar"
        imvar("new", project, "--fps", FPS, "--seed", 3, place=Path(place))
        for number in range(KEYFRAMES):
            prompt = f"a fox {number}"
            words = ["--prompt", prompt, "--at", number * EVERY]
            imvar("add", project, *words, place=Path(place))
        render(project, "from nothing")
        for run in range(3):
            render(project, f"without a change {run}")
        path = project / "project.json"
        data = json.loads(path.read_bytes())
        data["project"]["works"][0]["timeline"]["keyframes"][MOVED]["time"] += 1
        path.write_text(json.dumps(data), "utf-8")
        render(project, "one keyframe moved by a second")


if __name__ == "__main__":
    main()
