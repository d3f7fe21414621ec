#!/bin/sh
# Builds .venv from requirements.lock (hashes checked) and installs the project into it.
# Run by make; the first argument is the Python to use. Says one sentence when it cannot.
set -u
python=${1:-}

give_up() {
    echo "tenlines: $*" >&2
    exit 1
}

[ -n "$python" ] || give_up "Python 3.11 is not on the PATH. Install it, or name it: make PYTHON=/path/to/python3.11"
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null ||
    give_up "$python is $("$python" --version 2>&1 || true), but 3.11, 3.12 or 3.13 is needed. Install one, or name it: make PYTHON=/path/to/python3.11"

if [ ! -x .venv/bin/python ]; then
    echo "making .venv with $("$python" --version)"
    "$python" -m venv .venv ||
        give_up "$python cannot make a virtual environment. On Debian: apt-get install python3-venv"
fi
echo "installing $(grep -c '^[a-z].*==' requirements.lock) packages into .venv (a minute, the first time)"
pip=".venv/bin/python -m pip --disable-pip-version-check --quiet install"
$pip --require-hashes -r requirements.lock ||
    give_up "the packages of requirements.lock could not be installed: see above. Check the network (or pip's index setting) and run it again."
$pip --no-deps --editable . ||
    give_up "the project could not be installed into .venv: see above. Check the network and run it again."
touch .venv/.installed
