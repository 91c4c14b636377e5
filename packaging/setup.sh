#!/usr/bin/env bash
# Sets Imvar Studio up in .venv beside this folder, and then does what is asked. See `usage`.
#
# Safe to call again and again: a finished set-up is recognised by its stamp, a half-finished one
# is continued. Every failure a user can put right is one sentence and exit code 2. Runs under
# bash 3.2 (macOS) and later.
set -euo pipefail

oldest_python=11 # 3.11
newest_python=14 # torch has no builds for later ones

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python
log=$venv/setup.log
stamp=$venv/setup.stamp
lock=$root/packaging/requirements.lock
project=$root/pyproject.toml
sample=$root/resources/samples/first-film.imvar
needed=${IMVAR_SETUP_NEED_MB:-3000} # free space for a fresh set-up

usage() {
    cat <<'TEXT'
Usage: bash packaging/setup.sh COMMAND

  setup          install everything Imvar Studio needs into .venv
  studio [DIR]   setup, then open the window, with the project DIR where one is named
  demo           setup, then render the sample project to first-film.mp4 in this folder
  test [ARG...]  setup, then format, lint, types, arrows and all tests (ARGs go to pytest)
  help           show this text

IMVAR_PYTHON chooses the Python (3.11 to 3.14) that .venv is made with. pip's own settings are
honoured: on Linux, torch comes with CUDA (2.5 GB) unless pip knows an index of CPU builds.
TEXT
}

say() { printf '%s\n' "$*"; }

# One sentence for the user, on standard error.
die() {
    printf 'setup.sh: %s\n' "$*" >&2
    exit 2
}

# ---------------------------------------------------------------- Python and .venv

# Prints the minor version of Python 3 at $1; fails where it is no Python 3 that runs.
minor_version() {
    local version
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    case $version in
        3.[0-9]*) printf '%s\n' "${version#3.}" ;;
        *) return 1 ;;
    esac
}

fits() { [ "$1" -ge "$oldest_python" ] && [ "$1" -le "$newest_python" ]; }

# Sets `found_python` to a Python that fits; where there is none, `other_python` names one that
# does not (or is empty).
find_python() {
    local name minor
    found_python='' other_python=''
    for name in ${IMVAR_PYTHON:+"$IMVAR_PYTHON"} python3 python3.13 python3.12 python3.11 \
        python3.14; do
        minor=$(minor_version "$name") || continue
        if fits "$minor"; then
            found_python=$name
            return 0
        fi
        [ -n "$other_python" ] || other_python="3.$minor"
    done
    return 1
}

python_remedy() {
    if command -v apt-get >/dev/null 2>&1; then
        say "install one (sudo apt-get install python3.11 python3.11-venv, or a newer one" \
            "your release has) and run this again"
    elif [ "$(uname -s)" = Darwin ]; then
        say "install one (brew install python@3.12) and run this again"
    else
        say "install one with your system's package manager and run this again"
    fi
}

# .venv can be gone on with: its Python runs and fits, and pip was installed for this very folder.
venv_is_sound() {
    local minor
    minor=$(minor_version "$python") || return 1
    fits "$minor" && grep -q -F "$venv/bin/python" "$venv/bin/pip" 2>/dev/null
}

make_venv() {
    if venv_is_sound; then
        return 0
    fi
    if [ -e "$python" ] || [ -L "$python" ]; then
        say "Making .venv anew: it was broken or of another folder."
        # the log stays: it may hold the failure of the last try
        find "$venv" -mindepth 1 -maxdepth 1 ! -name setup.log -exec rm -rf {} +
    fi
    need_space
    say "Making .venv with Python 3.$(minor_version "$found_python") ..."
    logged "$found_python" -m venv "$venv" || explain "making .venv"
}

# ---------------------------------------------------------------- system packages

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs the packages named, with apt as root; otherwise says which line to run.
need_packages() {
    local name missing=()
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1 || return 0
    for name in "$@"; do
        installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        die "system packages are missing: run 'sudo apt-get install ${missing[*]}'," \
            "then this again."
    fi
    say "Installing system packages: ${missing[*]} ..."
    export DEBIAN_FRONTEND=noninteractive
    logged apt_install "${missing[@]}" || explain "installing system packages"
}

apt_install() { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; }

need_base_packages() {
    if find_python; then
        need_packages ca-certificates
        # Debian and Ubuntu take venv out of Python and into a package of its own
        if ! "$found_python" -c 'import ensurepip, venv' 2>/dev/null; then
            case $found_python in
                */*) need_packages "$(basename "$found_python")-venv" ;;
                *) need_packages "$found_python-venv" ;;
            esac
        fi
    elif [ -z "$other_python" ]; then
        need_packages ca-certificates python3 python3-venv
        find_python || true
    fi
    [ -z "$found_python" ] || return 0
    if [ -z "$other_python" ]; then
        die "no Python was found, and Imvar Studio needs Python 3.$oldest_python to" \
            "3.$newest_python: $(python_remedy)."
    fi
    die "Python $other_python does not fit, Imvar Studio needs Python 3.$oldest_python to" \
        "3.$newest_python: $(python_remedy)."
}

# Adds to `missing` the packages of libraries that the system's linker does not know. They are
# asked for by their files, as "file=package": packages are named otherwise in other releases.
missing_libraries() {
    local pair known
    command -v /sbin/ldconfig >/dev/null 2>&1 || return 0
    known=$(/sbin/ldconfig -p)
    for pair in "$@"; do
        case $known in
            *"${pair%%=*}"*) ;;
            *) missing+=("${pair#*=}") ;;
        esac
    done
}

# What Qt needs to draw; `on_screen` what it needs beside that for a window under X.
off_screen=(libGL.so.1=libgl1 libEGL.so.1=libegl1 libglib-2.0.so.0=libglib2.0-0
    libxkbcommon.so.0=libxkbcommon0 libfontconfig.so.1=libfontconfig1 libdbus-1.so.3=libdbus-1-3)
on_screen=(libxkbcommon-x11.so.0=libxkbcommon-x11-0 libxcb-cursor.so.0=libxcb-cursor0
    libxcb-icccm.so.4=libxcb-icccm4 libxcb-keysyms.so.1=libxcb-keysyms1
    libxcb-shape.so.0=libxcb-shape0 libxcb-xkb.so.1=libxcb-xkb1)

need_window_packages() {
    local missing=()
    missing_libraries "${off_screen[@]}" "${on_screen[@]}"
    [ ${#missing[@]} -eq 0 ] && return 0
    open_log
    need_packages "${missing[@]}"
}

# exiftool and Little CMS read back what our tests write; the window is driven on a screen of its
# own.
need_test_packages() {
    local missing=()
    missing_libraries "${off_screen[@]}" "${on_screen[@]}"
    command -v Xvfb >/dev/null 2>&1 || missing+=(xvfb)
    command -v openbox >/dev/null 2>&1 || missing+=(openbox)
    command -v xdotool >/dev/null 2>&1 || missing+=(xdotool)
    command -v exiftool >/dev/null 2>&1 || missing+=(libimage-exiftool-perl)
    command -v transicc >/dev/null 2>&1 || missing+=(liblcms2-utils)
    [ ${#missing[@]} -eq 0 ] && return 0
    open_log
    need_packages "${missing[@]}"
}

# ---------------------------------------------------------------- steps, their log, their failures

open_log() {
    if ! mkdir -p "$venv" 2>/dev/null || ! { : >>"$log"; } 2>/dev/null; then
        if [ "$(free_mb "$root")" -lt 1 ]; then
            die "no space is left on the disk of $root: free some and run this again."
        fi
        die "$venv cannot be written: give yourself the right to write there, or move the" \
            "project to a folder of yours, and run this again."
    fi
}

# Runs a command with its output in the log; explain() reads the log from `log_from` on.
logged() {
    log_from=$(($(wc -l <"$log") + 2)) # after the empty line
    printf '\n$ %s\n' "$*" 2>/dev/null >>"$log" || true
    "$@" >>"$log" 2>&1 </dev/null
}

# Says in one sentence why the last logged command failed while doing $1, and exits.
explain() {
    local part
    part=$(tail -n "+$log_from" "$log" | tail -n 400)
    # not grep -q: under pipefail it would fail where it stops reading early
    log_has() { printf '%s\n' "$part" | grep -i -E "$1" >/dev/null; }
    if log_has 'no space left on device|disk quota exceeded|errno 28' || [ "$(free_mb "$venv")" -lt 20 ]; then
        die "the disk is full ($1): free about $needed MB and run this again," \
            "it goes on where it stopped."
    elif log_has 'do not match the hashes'; then
        die "a download is not the file that packaging/requirements.lock names ($1): empty" \
            "pip's cache ('$python -m pip cache purge') and run this again; see $log."
    elif log_has 'certificate_verify_failed|certificate verify failed'; then
        die "the package index's certificate is not trusted ($1): set the clock right, or" \
            "name your network's certificates in PIP_CERT, and run this again; see $log."
    elif log_has "from versions: none|temporary failure|name resolution|name or service not known|nodename nor servname|could not \
resolve|failed to resolve|max retries exceeded|newconnectionerror|connection (refused|reset|timed \
out|aborted|broken|error)|connect ?timeout|read timed out|network is unreachable|no route to host|\
failed to establish|cannot connect to proxy|proxyerror|unable to connect"; then
        die "the network is not reached ($1): connect, or check pip's index and proxy" \
            "settings, and run this again; see $log."
    elif log_has 'permission denied|read-only file system'; then
        die "a file cannot be written ($1): give yourself the right to write in $root and run" \
            "this again; see $log."
    fi
    # pip closes with remarks about its own output, which say nothing here
    printf '%s\n' "$part" |
        grep -v -E '^ *$|^ *(note|hint): |See above|end of output|Encountered error|-failed$' |
        tail -n 5 | sed 's/^/    /' >&2 || true
    die "$1 failed: the last lines of $log are above; put that right, or delete $venv, and" \
        "run this again."
}

free_mb() {
    df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024); seen = 1 }
        END { if (!seen) print 999999 }'
}

# Sets `needed`, in MB, for a fresh set-up. Only a pip that was told of another index can find
# builds without CUDA on Linux.
estimate_need() {
    needed=3000
    if [ "$(uname -s)" = Linux ] &&
        ! "$python" -m pip config list 2>/dev/null | grep -E 'index-url|find-links' >/dev/null; then
        needed=8000
    fi
    needed=${IMVAR_SETUP_NEED_MB:-$needed}
}

need_space() {
    local free
    free=$(free_mb "$venv")
    if [ "$free" -lt "$needed" ]; then
        die "too little space on the disk of $root: $free MB are free and about $needed MB" \
            "are needed; free some and run this again."
    fi
}

# ---------------------------------------------------------------- the set-up

fingerprint() {
    {
        cat "$lock" "$project" "$root/packaging/setup.sh"
        "$python" -c 'import sys; print(sys.version)'
        printf '%s\n' "$root"
    } | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d' ' -f1
}

is_set_up() {
    [ -s "$stamp" ] && venv_is_sound && [ "$(cat "$stamp")" = "$(fingerprint)" ]
}

torch_version() {
    local version
    version=$(sed -n -E 's/^[[:space:]]*"torch==([^"]+)".*/\1/p' "$project")
    [ -n "$version" ] || die "pyproject.toml pins no torch: write \"torch==VERSION\" there."
    printf '%s\n' "$version"
}

has_torch() {
    "$python" - "$1" 2>/dev/null <<'PY'
import sys
from importlib.metadata import version
sys.exit(version("torch").partition("+")[0] != sys.argv[1])
PY
}

pip_install() {
    logged "$python" -m pip --disable-pip-version-check --no-input install "$@"
}

# pip writes a package's RECORD last: without one, the install was cut off.
forget_half_installed() {
    find "$venv"/lib/python3.*/site-packages -maxdepth 1 -name '*.dist-info' \
        ! -exec test -s '{}/RECORD' ';' -exec rm -rf '{}' + 2>/dev/null || true
}

install_torch() {
    local version
    version=$(torch_version)
    has_torch "$version" && return 0
    need_space
    say "Installing torch $version (about 200 MB; with CUDA 2.5 GB) ..."
    # the versions of torch's own small dependencies come from the lock, their hashes next
    grep -E '^[A-Za-z0-9]' "$lock" | sed 's/ *\\$//' >"$venv/constraints.txt"
    pip_install --constraint "$venv/constraints.txt" "torch==$version" ||
        explain "installing torch $version"
}

install_all() {
    # pip unpacks where it installs, so that one disk counts and a killed run leaves nothing else
    rm -rf "$venv/tmp"
    mkdir -p "$venv/tmp"
    export TMPDIR=$venv/tmp
    forget_half_installed
    install_torch
    say "Installing the other $(grep -c -E '^[A-Za-z0-9]' "$lock") packages (about 240 MB) ..."
    pip_install --require-hashes --no-deps --requirement "$lock" || explain "installing packages"
    say "Installing Imvar Studio ..."
    pip_install --no-deps --no-build-isolation --editable "$root" ||
        explain "installing Imvar Studio"
    logged "$python" -m pip check || explain "checking that the packages fit together"
    unset TMPDIR
    rm -rf "$venv/tmp"
}

# Two set-ups at once would undo each other: the second waits. The lock goes with its process.
one_at_a_time() {
    command -v flock >/dev/null 2>&1 || return 0
    exec 9<"$root/packaging/setup.sh"
    if ! flock -n 9; then
        say "Waiting for another set-up to finish ..."
        flock 9
    fi
}

set_up() {
    is_set_up && return 0
    open_log
    one_at_a_time
    if is_set_up; then
        exec 9<&-
        return 0
    fi
    say "Setting up Imvar Studio in $venv (details in .venv/setup.log)"
    rm -f "$stamp"
    if venv_is_sound; then
        need_packages ca-certificates
    else
        need_base_packages
    fi
    make_venv
    estimate_need
    install_all
    fingerprint >"$stamp.new"
    mv -f "$stamp.new" "$stamp"
    exec 9<&-
    say "Imvar Studio is set up."
}

# ---------------------------------------------------------------- demo and test

# Prints first-film.mp4, or the next name that is free.
free_film_name() {
    local name=first-film.mp4 n=2
    while [ -e "$name" ] || [ -L "$name" ]; do
        name=first-film-$n.mp4
        n=$((n + 1))
    done
    printf '%s\n' "$name"
}

copy_sample() {
    [ -e first-film.imvar ] && return 0
    if ! [ -f "$sample/project.json" ] || ! [ -d "$sample/assets" ]; then
        die "$sample is incomplete: get a whole copy of the project."
    fi
    rm -rf first-film.imvar.part
    if ! { mkdir first-film.imvar.part &&
        cp -R "$sample/project.json" "$sample/assets" first-film.imvar.part/ &&
        mv first-film.imvar.part first-film.imvar; } 2>/dev/null; then
        die "the sample project cannot be copied to $PWD: go to a folder you may write to that" \
            "has space, and run this again."
    fi
}

demo() {
    local film
    if [ first-film.imvar -ef "$sample" ]; then
        die "this is the folder of the sample itself: go to a folder of yours and run this again."
    fi
    copy_sample
    film=$(free_film_name)
    "$venv/bin/imvar" render ./first-film.imvar --out "$film"
    say "Your film is $PWD/$film. Go on with its project, first-film.imvar:" \
        "$venv/bin/imvar add first-film.imvar PICTURE, then $venv/bin/imvar render first-film.imvar"
}

# Tests run in a process for each core; a process takes whole files, in the order of
# tests/conftest.py. More processes than four would want much memory.
side_by_side=(-n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder)

# Runs every check, so that one sees all problems, and fails if one of them did.
run_checks() {
    local failed='' code=0
    cd "$root"
    export PATH="$venv/bin:$PATH"
    check() {
        local title=$1
        shift
        printf '\n== %s\n' "$title"
        "$@" </dev/null || failed="$failed, $title"
    }
    check "ruff format" ruff format --check .
    check "ruff check" ruff check .
    check "mypy" mypy
    check "lint-imports" lint-imports
    printf '\n== pytest\n'
    pytest "${side_by_side[@]}" "$@" </dev/null || code=$?
    [ -z "$failed" ] || printf 'Failed: %s\n' "${failed#, }"
    [ -z "$failed" ] || [ "$code" -ne 0 ] || code=1
    return "$code"
}

main() {
    local command=${1:-help}
    [ $# -eq 0 ] || shift
    case $command in
        setup)
            set_up
            ;;
        studio)
            set_up
            need_window_packages
            exec "$venv/bin/imvar-studio" "$@"
            ;;
        demo)
            set_up
            demo
            ;;
        test)
            set_up
            need_test_packages
            run_checks "$@"
            ;;
        help | -h | --help) usage ;;
        *)
            usage >&2
            die "there is no command '$command'."
            ;;
    esac
}

main "$@"
