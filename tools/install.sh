#!/bin/sh
# Installs Gangmu from this folder into DIR, without any network: ./install.sh DIR
# Needs the Python that the file PYTHON names (with its venv module), and the platform that PLATFORM names.
set -eu

say() { echo "install.sh: $*" >&2; }
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
[ $# -eq 1 ] || { say "where to? ./install.sh DIR"; exit 2; }
target=$1
wanted=$(cat "$here/PYTHON")
python=${PYTHON:-python$wanted}

command -v "$python" >/dev/null 2>&1 || { say "there is no $python here; Python $wanted is needed (name one: PYTHON=/path/to/python)"; exit 2; }
found=$("$python" -c 'import sys, sysconfig; print("%d.%d %s" % (*sys.version_info[:2], sysconfig.get_platform()))')
[ "$found" = "$wanted $(cat "$here/PLATFORM")" ] || { say "this bundle is for Python $wanted on $(cat "$here/PLATFORM"), here is $found"; exit 2; }
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) >&2 || { say "a file is damaged or missing: copy the bundle again"; exit 1; }
[ ! -e "$target" ] || [ -z "$(ls -A "$target")" ] || { say "$target is there already and not empty"; exit 2; }

"$python" -m venv "$target" || { say "no virtual environment could be made (Debian: the package python$wanted-venv)"; exit 1; }
quiet="--quiet --disable-pip-version-check --no-index --no-deps -f $here/wheels"
# shellcheck disable=SC2086
PIP_NO_INPUT=1 "$target/bin/python" -m pip install $quiet --require-hashes -r "$here/requirements.txt"
# shellcheck disable=SC2086
PIP_NO_INPUT=1 "$target/bin/python" -m pip install $quiet "$here"/wheels/gangmu-*.whl
"$target/bin/python" -m pip --disable-pip-version-check check >&2
"$target/bin/gangmu" --version
